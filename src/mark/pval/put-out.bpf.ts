/** A copy that is whole, into the ring of this CPU. */
import { cpuId } from "../../kernel/helpers.ts";
import type { TypeOf } from "../../wire/layout.ts";
import { count } from "../feature/count.bpf.ts";
import { CopyOutcome, type CopyMaps } from "./copy-maps.ts";
import { COPY_HEADER_BYTES, type copyRecord } from "./record.ts";

export type Copy = TypeOf<ReturnType<typeof copyRecord>>;

/** `captured`: bytes of the packet, as the verifier knows them. Counts a copy that found the ring full. */
export const putOut = (record: Copy, captured: number, cpu: number, maps: CopyMaps): void => {
  record.cpu = cpu & 0xffff;
  const ring = maps.ringOf.lookup(cpu);
  if (ring === null || !ring.output(record, COPY_HEADER_BYTES + captured)) count(maps.counters, CopyOutcome.Full);
};

/** A copy that has waited, by which time somebody else may read, or nobody. */
export const putOutLate = (record: Copy, snap: number, maps: CopyMaps): void => {
  const cpu = cpuId();
  const { capturedLength } = record;
  const reader = maps.readers.lookup(cpu);
  if (reader === null || reader.reading === 0 || capturedLength > snap) return count(maps.counters, CopyOutcome.Idle);
  putOut(record, capturedLength, cpu, maps);
  count(maps.counters, CopyOutcome.Produced);
};
