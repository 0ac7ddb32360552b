/** Statements with labels that are no loops: blocks, switches. */
import { condition } from "./conditions.ts";
import type { Writing } from "./writing.ts";

type Body = (w: Writing) => void;

/** A block that may have a label, which `break` leaves from anywhere within. */
export const labelled = (w: Writing, share: number, open: string, inside: () => void): void => {
  if (w.noExit > 0 || !w.random.chance(share)) return w.block(open, "}", inside);
  const label = w.name("out");
  w.labels.push(label);
  w.block(`${label}: ${open}`, "}", inside);
  w.labels.pop();
};

export const labelledBlock = (w: Writing, body: Body): void =>
  labelled(w, 1, w.random.chance(0.7) ? "{" : `if (${condition(w, 1)}) {`, () => {
    body(w);
    leaveLabel(w);
  });

export const leaveLabel = (w: Writing): void => {
  if (w.noExit === 0 && w.labels.length > 0) w.line(`if (${condition(w, 1)}) ${breakOut(w)};`);
};

/** `break` with one of the labels around. */
export const breakOut = (w: Writing): string => `break ${w.random.pick(w.labels)}`;
