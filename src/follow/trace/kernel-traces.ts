/** Traces that the kernel's own nodes report, as records like those of a sink. */
import { MAX_TRACE_BYTES, TraceRecord } from "../../mark/ioam/record.ts";
import type { RecordCallback } from "../../bpf/ring-cursor.ts";
import { readClock } from "../../linux/clock.ts";
import type { Watch } from "../../linux/ffi.ts";
import { Ioam6Events, type Ioam6TraceEvent } from "../../linux/genetlink/ioam6-events.ts";
import type { Netns } from "../../linux/netns.ts";
import { IoamTraceHeader } from "../../wire/ioam/header.ts";
import type { CounterValues } from "./loss.ts";
import { recordOffsets, UNKNOWN_PROTOCOL } from "./record-layout.ts";

export class KernelTraces {
  readonly #events: Ioam6Events;
  readonly #view = new DataView(new ArrayBuffer(TraceRecord.size));
  readonly #record = new Uint8Array(this.#view.buffer);
  #received = 0;

  /** Of a network namespace, from now on. `UnsupportedError` when this kernel sends no events. */
  constructor(netns: Netns) {
    this.#events = new Ioam6Events(netns);
    this.#record[recordOffsets.protocol] = UNKNOWN_PROTOCOL;
    this.#view.setUint16(recordOffsets.segments, 1, true);
  }

  /** Hands out what is there; returns how many records that were. Their times are those of the reading. */
  poll(callback: RecordCallback): number {
    this.#view.setBigUint64(recordOffsets.timestampNs, readClock("realtime"), true);
    const count = this.#events.read((event) => {
      if (!this.#write(event)) return;
      callback(this.#view, 0, TraceRecord.size);
    });
    this.#received += count;
    return count;
  }

  /** Reads whenever something comes; `afterBatch` is called with the number of records after each round. */
  watch(callback: RecordCallback, afterBatch: (records: number) => void = () => {}): Watch {
    return this.#events.watch(() => afterBatch(this.poll(callback)));
  }

  /** The same names as a sink's. An event tells of one packet, which may have been several on the wire. */
  counts(): CounterValues {
    const received = BigInt(this.#received);
    return { received, segments: received, eventOverruns: BigInt(this.#events.overruns) };
  }

  close(): void {
    this.#events.close();
  }

  /** Makes the trace's header again; its flags the kernel does not tell. */
  #write({ namespaceId, nodeLength, traceType, bytes, offset, length }: Ioam6TraceEvent): boolean {
    const total = IoamTraceHeader.size + length;
    if (total > MAX_TRACE_BYTES) return false;
    const [view, record, trace] = [this.#view, this.#record, recordOffsets.trace];
    view.setUint16(recordOffsets.traceLength, total, true);
    view.setUint16(trace, namespaceId);
    view.setUint16(trace + 2, nodeLength << 11);
    view.setUint32(trace + 4, (traceType << 8) >>> 0);
    const entries = trace + IoamTraceHeader.size;
    for (let at = 0; at < length; at++) record[entries + at] = bytes[offset + at]!;
    return true;
  }
}
