import type { CompiledProgram } from "../compiler/program.ts";
import { MapOfMaps } from "../kernel/map-of-maps.ts";
import { ProgramArray } from "../kernel/program-array.ts";
import type { MapSet } from "./maps/map-set.ts";
import type { Descriptor } from "./sys/descriptor.ts";

/** Puts programs and maps where arrays list them; in shared arrays too, for these are new ones. */
export const fillSlots = (
  maps: MapSet,
  programs: readonly CompiledProgram[],
  descriptors: readonly Descriptor[],
): void => {
  const loaded = new Map(programs.map((compiled, at) => [compiled.body, { compiled, descriptor: descriptors[at] }]));
  const all = new Set(maps.descriptors);
  for (const map of all) {
    // What an array lists that no code names is not here; its slot stays empty.
    if (map instanceof ProgramArray) {
      for (const [index, { body }] of map.programs) {
        const { compiled, descriptor } = loaded.get(body) ?? {};
        if (compiled === undefined || descriptor === undefined) continue;
        maps.handle(map).set(index, { fd: descriptor.fd, name: compiled.name, compiled });
      }
    } else if (map instanceof MapOfMaps) {
      const here = [...map.maps].filter(([, own]) => all.has(own));
      maps.handle(map).setAll(here.map(([index, own]) => [index, { raw: maps.raw(own) }]));
    }
  }
};
