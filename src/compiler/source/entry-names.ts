/** Where the names of Hopmark's entry points are, for programs that run without ES modules. */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** In which chunk, and under which name there. */
export type Place = readonly [chunk: string, name: string];

/** The places of names that an entry point exports; undefined when it lacks one. `entry`: its address, as modules import it. */
export const placesOf = (entry: string, names: readonly string[]): readonly Place[] | undefined => {
  // The build writes it beside the entry point.
  const file = `${dirname(fileURLToPath(entry))}/names.json`;
  const known = new Map(Object.entries(JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, Place>>));
  const places: Place[] = [];
  for (const name of names) {
    const place = known.get(name);
    if (place === undefined) return undefined;
    places.push(place);
  }
  return places;
};
