/** Writes one small record a packet: some for speed, some with the time at which they were written. */
import { Tc } from "../../src/kernel/context.ts";
import { monotonicNs } from "../../src/kernel/helpers.ts";
import { ringBuffer } from "../../src/kernel/maps.ts";
import { tc } from "../../src/kernel/program.ts";
import { struct, u32, u64 } from "../../src/wire/layout.ts";

/** What each record starts with. */
export const VALUE = 7;

export const Record = struct("record", { value: u32, length: u32, sequence: u64 });
export const ring = ringBuffer({ bytes: 1 << 23, name: "records" });

export const produce = tc(
  (ctx) => {
    const record = ring.reserve(Record);
    if (record === null) return Tc.Next;
    record.value = VALUE;
    record.length = ctx.packet.length;
    record.sequence = 0n;
    ring.submit(record);
    return Tc.Next;
  },
  { name: "produce" },
);

export const Timed = struct("timed", { timeNs: u64 });
export const timedRing = ringBuffer({ bytes: 1 << 12, name: "timed" });

export const produceTimed = tc(
  () => {
    const record = timedRing.reserve(Timed);
    if (record === null) return Tc.Next;
    record.timeNs = monotonicNs();
    timedRing.submit(record);
    return Tc.Next;
  },
  { name: "produce_timed" },
);
