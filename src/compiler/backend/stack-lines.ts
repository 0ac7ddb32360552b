/** Where a function's stack goes to, in names and lines of its source. */
import { locate, type Position } from "../../kernel/source.ts";
import { declaredName } from "../source/declared-name.ts";
import { MEMORY, type Interval } from "./interval.ts";
import type { MachineFunction, Virtual } from "./machine.ts";

/** Where values are made that found no register. */
export const spilledAt = (fn: MachineFunction, pieces: readonly Interval[][]): readonly Position[] => {
  const isSpilled = ({ id, rebuild }: Virtual): boolean =>
    rebuild === null && pieces[id]!.some(({ location }) => location === MEMORY);
  return fn.blocks.flatMap(({ instructions }) =>
    instructions.flatMap(({ result, position }) =>
      result !== null && position !== null && isSpilled(result) ? [position] : [],
    ),
  );
};

const MOST_LINES = 8;
const MOST_NAMES = 8;

/** `: first, second and more`, of the variables that values are made for; nothing where none has a name. */
export const namesOf = (positions: readonly Position[]): string => {
  const names = [...new Set(positions.map(declaredName))].filter((name) => name !== null);
  if (names.length === 0) return "";
  return `: ${names.slice(0, MOST_NAMES).join(", ")}${names.length > MOST_NAMES ? " and more" : ""},`;
};

/** ` of lines 3, 4 and more`, in the order of the source; nothing where no place is known. */
export const linesOf = (positions: readonly Position[]): string => {
  const lines = [...new Set(positions.map((position) => locate(position).line))].toSorted((a, b) => a - b);
  if (lines.length === 0) return "";
  const listed = lines.slice(0, MOST_LINES).join(", ");
  return ` of line${lines.length === 1 ? "" : "s"} ${listed}${lines.length > MOST_LINES ? " and more" : ""}`;
};
