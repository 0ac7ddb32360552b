/** What iproute2 can do, by the words in its program: no program is run. */
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { IoamFacts } from "./ioam-checks.ts";

/** What `ip ioam help` prints, in the program's own bytes. */
const USAGE = "ip ioam ";

/** Of the `ip` that is first in these directories. */
export const iproute2Facts = (path: string): IoamFacts["iproute2"] => {
  for (const directory of path.split(delimiter)) {
    try {
      return readFileSync(join(directory, "ip")).includes(USAGE) ? "ioam" : "none";
    } catch {
      // Not in this one.
    }
  }
  return null;
};
