/** Of what a node knew of a packet when it came and when it left: one entry. */
import { columnOf, ioamColumns, TraceReader } from "../../../wire/ioam/trace-reader.ts";
import { readU16, readU32 } from "../record-layout.ts";
import { exportOffsets } from "./export-layout.ts";

/** What coming tells, and what leaving tells; of all else both tell the same. */
const arriving = ["ingressId", "ingressIdWide", "timestampSeconds", "timestampFraction"].map(columnOf);
const leaving = ["egressId", "egressIdWide", "queueDepth"].map(columnOf);
const delayColumn = columnOf("transitDelayNs");

/** A transit delay past 2^31-1 ns is written so (RFC 9197, section 4.4.2.5). */
const DELAY_OVERFLOW = 0x8000_0000;

export class HopCompleter {
  readonly #hop = new TraceReader();
  readonly #other = new TraceReader();

  /** Adds to the record at `at` what the other one of the same packet tells; `isDeparture` says which one that is. */
  complete(bytes: Uint8Array, at: number, other: Uint8Array, offset: number, isDeparture: boolean): void {
    const [hop, added] = [this.#hop, this.#other];
    if (!readTrace(hop, bytes, at) || !readTrace(added, other, offset) || hop.traceType !== added.traceType) return;
    for (const column of isDeparture ? leaving : arriving) copy(hop, added, column);
    const elapsed = timeBetween(bytes, at, other, offset);
    const delay = isDeparture ? elapsed : -elapsed;
    // A clock that was set meanwhile says nothing.
    if (delay >= 0) writeDelay(hop, delay > 0x7fff_ffff ? DELAY_OVERFLOW : delay);
    if (isDeparture) return;
    for (let byte = 0; byte < 8; byte++)
      bytes[at + exportOffsets.timestampNs + byte] = other[offset + exportOffsets.timestampNs + byte]!;
    for (let byte = 0; byte < 4; byte++)
      bytes[at + exportOffsets.ifindex + byte] = other[offset + exportOffsets.ifindex + byte]!;
  }
}

/** Nanoseconds from the first record to the second: exact, as far as a second is. */
const timeBetween = (first: Uint8Array, at: number, second: Uint8Array, offset: number): number => {
  const [from, to] = [at + exportOffsets.timestampNs, offset + exportOffsets.timestampNs];
  return (
    (readU32(second, to + 4) - readU32(first, from + 4)) * 0x1_0000_0000 + readU32(second, to) - readU32(first, from)
  );
};

const readTrace = (reader: TraceReader, bytes: Uint8Array, at: number): boolean =>
  reader.read(bytes, at + exportOffsets.trace, readU16(bytes, at + exportOffsets.traceLength)) && reader.hopCount === 1;

const copy = (to: TraceReader, from: TraceReader, column: number): void => {
  if (!to.has(column)) return;
  const [start, source] = [to.valueOffset(0, column), from.valueOffset(0, column)];
  const size = ioamColumns[column]!.type.bits / 8;
  for (let byte = 0; byte < size; byte++) to.bytes[start + byte] = from.bytes[source + byte]!;
};

const writeDelay = (hop: TraceReader, delay: number): void => {
  const start = hop.valueOffset(0, delayColumn);
  if (start < 0) return;
  for (let byte = 0; byte < 4; byte++) hop.bytes[start + byte] = delay >>> (24 - byte * 8);
};
