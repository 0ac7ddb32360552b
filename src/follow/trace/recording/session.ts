/** What a report needs and records do not say: written beside them, so that a recording gives the same report elsewhere. */
import type { ClockDiscipline } from "../../../linux/clock-discipline.ts";
import type { Counted } from "../loss.ts";
import type { NodeNames } from "../path-object.ts";

/** How the kernel's programs know the wall clock: by TAI, less an offset that user space measures. */
export interface ClockState {
  /** TAI less the wall clock. */
  readonly taiOffsetNs: bigint;
  /** Wall clock of the measurement, ns. */
  readonly measuredNs: bigint;
  /** How well a daemon keeps the wall clock; null when nobody could say. */
  readonly discipline: ClockDiscipline | null;
  /** The largest jump of the wall clock that was noticed so far. */
  readonly steppedNs: number;
}

/** As it begins. */
export interface SessionFacts {
  /** What is followed: `eth0`, `h_aramis in musketeers-aramis`. */
  readonly source: string;
  /** Wall clock, ns. */
  readonly startNs: bigint;
  /** Who fills in the traces on the way: `kernel`, `hopmark`, or null when that is not known. */
  readonly transit: string | null;
  readonly names: NodeNames;
  /** Whether the nodes that have names have one clock: those of a lab. */
  readonly sharedClock: boolean;
  /** The interface that the records come from. */
  readonly ifindex: number;
  /** Bytes before the IP header, counted in a record's `packetLength`. */
  readonly linkHeaderBytes: number;
  readonly before: Counted;
  readonly clock: ClockState | null;
}

/** At some moment in it. */
export interface SessionState {
  readonly seconds: number;
  readonly after: Counted;
  readonly clock: ClockState | null;
  /** It is over, and nothing is missing. */
  readonly ended: boolean;
}

/** Writes a session into memory; what waits there is taken from time to time. */
export interface Recorder {
  begin(facts: SessionFacts): void;
  /** The record at `offset`; the bytes are not kept. */
  add(bytes: Uint8Array, offset: number): void;
  state(state: SessionState): void;
  /** Whole blocks or lines, valid until the next call; empty when nothing waits. */
  take(): Uint8Array;
  /** How many of the first `length` bytes of what was taken are whole blocks or lines. */
  wholeOf(bytes: Uint8Array, length: number): number;
}

/** What a recording is told to, in its order. */
export interface ReplayHandler {
  /** First, and once. */
  begin(facts: SessionFacts): void;
  /** A `TraceRecord`, valid until the call returns. */
  record(view: DataView, offset: number): void;
  state(state: SessionState): void;
}

/** Reads a recording as it comes. Never throws. */
export interface Replay {
  /** False when nothing after these bytes can be read. */
  push(chunk: Uint8Array): boolean;
  /** Behind the last bytes: null when all could be read, else what could not and where. */
  end(): string | null;
}

/** Of a capture that is no recording of ours: nothing but its packets is known. */
export const factsOfNothing: SessionFacts = {
  source: "capture",
  startNs: 0n,
  transit: null,
  names: new Map(),
  sharedClock: false,
  ifindex: 0,
  linkHeaderBytes: 0,
  before: { encap: [], transit: [], sink: {} },
  clock: null,
};
