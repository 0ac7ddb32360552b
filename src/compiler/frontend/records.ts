/**
 * Ring records between `reserve` and `submit` or `discard`. The verifier, and this, want each finished exactly once on
 * every path on which it is there.
 */
import type { RingBuffer } from "../../kernel/maps.ts";
import type { Node } from "../ssa/ir.ts";
import { finalValues, type Table } from "../ssa/state.ts";
import type { Unit } from "./unit.ts";
import type { Region } from "./values.ts";

export interface RecordState {
  /** "unknown": something that may have finished it was refused. */
  readonly kind: "open" | "finished" | "unknown";
  readonly ring: RingBuffer;
  /** Null where the record is not there. */
  readonly pointer: Node;
}

/** Records by their region's key. A record that is known to be null has no entry. */
export type Records = Table<object, RecordState>;

export const openRecord = (unit: Unit, region: Region, ring: RingBuffer, pointer: Node): void =>
  put(unit, region.key, { kind: "open", ring, pointer });

/** Refuses to finish a record twice. */
export const requireUnfinished = (unit: Unit, region: Region): void => {
  if (region.isLent === true) unit.refuse("HM1401", "the function that reserved this record must submit or discard it");
  if (unit.builder.state.get(unit.records, region.key)?.kind === "finished")
    unit.refuse("HM1401", "this record has been submitted or discarded already; do one of both, once");
};

export const finishRecord = (unit: Unit, region: Region): void => {
  const state = unit.builder.state.get(unit.records, region.key);
  if (state !== undefined) put(unit, region.key, { ...state, kind: "finished" });
};

/** Refuses a loop whose rounds would each leave a record open, or finish one from before the loop. */
export const requireSameRecords = (unit: Unit, mark: number, node: { readonly start: number }): void => {
  const changed = finalValues(unit.builder.state.since(mark)).get(unit.records) as
    | Map<object, RecordState | undefined>
    | undefined;
  for (const [key, now] of changed ?? []) {
    const before = unit.builder.state.valueBefore(unit.records, key, mark);
    if (now?.kind === "open" ? before?.kind !== "open" : before?.kind === "open")
      unit.refuse(
        "HM1401",
        "each round of this loop must submit or discard the records it reserves, and no other",
        node,
      );
  }
};

/** Refuses the use of a record's bytes after they went to user space. */
export const requireOpen = (unit: Unit, region: Region): void => {
  if (region.space !== "ring" || unit.builder.state.get(unit.records, region.key)?.kind !== "finished") return;
  unit.refuse("HM1202", "this record has been submitted or discarded; keep what is needed of it in a variable");
};

/** Refuses to leave the program, by returning or as `leaving` says, while a record is open. */
export const requireFinished = (unit: Unit, leaving = "before returning"): void => {
  for (const { ring } of openRecords(unit)) {
    unit.refuse(
      "HM1401",
      `a record of ring ${ring.name} is neither submitted nor discarded on this path; do one of both ${leaving}`,
    );
  }
};

export const openRecords = (unit: Unit): readonly RecordState[] =>
  [...unit.records.entries.values()].filter(({ kind }) => kind === "open");

/** After something was refused, which may have been to finish them. */
export const forgetOpenRecords = (unit: Unit): void => {
  for (const [key, state] of unit.records.entries)
    if (state.kind === "open") unit.builder.state.set(unit.records, key, { ...state, kind: "unknown" });
};

/** A branch proved that the record behind `pointer` is not there. */
export const forgetAbsent = (unit: Unit, pointer: Node): void => {
  const key = unit.recordKeys.get(pointer);
  if (key !== undefined) unit.builder.state.set(unit.records, key, undefined);
};

/** A record's state where edges meet; `merge` makes one pointer of the edges', null for one that lacks it. */
export const joinRecords = (
  unit: Unit,
  key: object,
  states: readonly (RecordState | undefined)[],
  merge: (pointers: readonly (Node | null)[]) => Node,
): void => {
  const unknown = states.find((state) => state?.kind === "unknown");
  if (unknown !== undefined) return unit.builder.state.set(unit.records, key, unknown);
  const open = states.find((state) => state?.kind === "open");
  const finished = states.find((state) => state?.kind === "finished");
  if (open !== undefined && finished !== undefined) {
    unit.refuse(
      "HM1401",
      `the record of ring ${open.ring.name} is submitted or discarded on one way to here and not on another; call submit or discard of ${open.ring.name} where it is still open, before the ways meet`,
    );
  }
  if (open === undefined) return unit.builder.state.set(unit.records, key, finished);
  const same = states.every((state) => state?.pointer === open.pointer);
  put(unit, key, same ? open : { ...open, pointer: merge(states.map((state) => state?.pointer ?? null)) });
};

const put = (unit: Unit, key: object, state: RecordState): void => {
  unit.recordKeys.set(state.pointer, key);
  unit.builder.state.set(unit.records, key, state);
};
