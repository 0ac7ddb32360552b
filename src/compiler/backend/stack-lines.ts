/** Where a function's stack goes to, in lines of its source. */
import { locate, type Position } from "../../kernel/source.ts";
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

/** ` of lines 3, 4 and more`, in the order of the source; nothing where no place is known. */
export const linesOf = (positions: readonly Position[]): string => {
  const lines = [...new Set(positions.map((position) => locate(position).line))].toSorted((a, b) => a - b);
  if (lines.length === 0) return "";
  const listed = lines.slice(0, MOST_LINES).join(", ");
  return ` of line${lines.length === 1 ? "" : "s"} ${listed}${lines.length > MOST_LINES ? " and more" : ""}`;
};
