/** Whether time goes forward along the paths that a sink reports. */
import type { RingReader } from "../../src/bpf/ring.ts";
import { TraceRecord } from "../../src/mark/ioam/record.ts";
import { readLayout } from "../../src/wire/codec.ts";
import { decodeIoamTrace } from "../../src/wire/ioam/decode.ts";

export interface PathTimes {
  readonly records: number;
  /** Paths that go back, each as its times in µs, and with the sink's clock in ns. */
  readonly backwards: string[];
  /** Paths that have not `hops` hops, each with its time. */
  readonly incomplete: string[];
}

/** Reads what waits in the ring. */
export const readPathTimes = (ring: RingReader, hops: number): PathTimes => {
  const backwards: string[] = [];
  const incomplete: string[] = [];
  const records = ring.poll((view, offset, length) => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, length);
    const record = readLayout(TraceRecord, bytes, 0);
    const trace = decodeIoamTrace(Uint8Array.from(record.trace), 0, record.traceLength);
    const times = trace.hops.map(({ timestampNs }) =>
      typeof timestampNs === "string" ? BigInt(timestampNs) / 1000n : null,
    );
    const text = `${times.join(" ")}, ${record.timestampNs}`;
    if (times.length !== hops || times.includes(null)) incomplete.push(text);
    // The sink's own entry and its record are of one reading of the clock.
    const all = [...times, record.timestampNs / 1000n];
    if (all.some((time, index) => index > 0 && (time ?? 0n) < (all[index - 1] ?? 0n))) backwards.push(text);
  });
  return { records, backwards, incomplete };
};
