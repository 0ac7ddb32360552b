/** A recording as something to follow: a file, or what comes through a pipe, as it comes. */
import { createReadStream, statSync } from "node:fs";
import type { RecordCallback } from "../../bpf/ring-cursor.ts";
import { ConfigError } from "../../errors.ts";
import type { Counted } from "../../follow/trace/loss.ts";
import { recordOffsets } from "../../follow/trace/record-layout.ts";
import { replayOf } from "../../follow/trace/recording/format.ts";
import type { Replay, ReplayHandler, SessionFacts, SessionState } from "../../follow/trace/recording/session.ts";
import { unreadable } from "../../follow/unreadable.ts";
import type { Watch } from "../../linux/ffi.ts";
import type { LiveSource } from "./live-source.ts";

/** Enough that reading a file costs little, and a few milliseconds of work. */
const CHUNK_BYTES = 1 << 20;

type NextChunk = () => Promise<Uint8Array | undefined>;

/** Opens it; `-` is standard input. ConfigError when there is no such file, or it is no recording. */
export const openReplay = async (path: string): Promise<ReplaySource> => {
  const name = path === "-" ? "standard input" : path;
  const input = path === "-" ? process.stdin : openFile(path);
  const chunks = input[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const next: NextChunk = async () => {
    try {
      const { done, value } = await chunks.next();
      return done === true ? undefined : value;
    } catch (error) {
      throw unreadable(name, error, HINT);
    }
  };
  const kept: Uint8Array[] = [];
  const facts = await readFacts(name, kept, next);
  const close = (): void => void input.destroy();
  return new ReplaySource(name, facts, async () => kept.shift() ?? next(), close);
};

class ReplaySource implements LiveSource {
  readonly title = "hopmark trace";
  readonly note: string;
  readonly reader: LiveSource["reader"] = {
    poll: () => 0,
    watch: (callback, afterBatch) => this.#watch(callback, afterBatch ?? (() => {})),
  };
  /** When all of it was read. */
  readonly finished: Promise<void>;
  readonly close: () => void;
  readonly #name: string;
  readonly #facts: SessionFacts;
  readonly #next: NextChunk;
  #finish: () => void = () => {};
  #failed: (error: unknown) => void = () => {};
  #started = false;
  #callback: RecordCallback | undefined;
  #afterBatch: (records: number) => void = () => {};
  #resume: () => void = () => {};
  #state: SessionState | undefined;
  #wrong: string | null = null;
  #records = 0;
  #segments = 0;
  #batch = 0;
  #lastHigh = 0;
  #lastLow = 0;

  constructor(name: string, facts: SessionFacts, next: NextChunk, close: () => void) {
    this.#name = name;
    this.#facts = facts;
    this.#next = next;
    this.close = close;
    this.note = `${name}, recorded from ${facts.source}`;
    this.finished = new Promise((resolve, reject) => ([this.#finish, this.#failed] = [resolve, reject]));
    this.finished.catch(() => {}); // whoever waits for it hears of it
  }

  begin(): SessionFacts {
    return this.#facts;
  }

  secondsSoFar(): number {
    return this.state().seconds;
  }

  /** What the recording says; without an end, its time is that of the last record. */
  state(): SessionState {
    const { seconds = 0, after = this.#countedHere(), clock = null, ended = false } = this.#state ?? {};
    if (ended) return { seconds, after, clock, ended };
    const lastNs = (BigInt(this.#lastHigh) << 32n) | BigInt(this.#lastLow);
    const spanned = this.#records === 0 ? 0 : Math.round(Number(lastNs - this.#facts.startNs) / 1e6) / 1000;
    return { seconds: Math.max(seconds, spanned), after, clock, ended };
  }

  /** What could not be read, or is missing; null when nothing is. Once it is finished. */
  remark(): string | null {
    if (this.#wrong === null && this.#state?.ended === true) return null;
    const wrong = this.#wrong ?? "has no end: its recording was cut off";
    const counters =
      this.#state === undefined ? "no counters are in it" : `counters are those of ${this.#state.seconds} s`;
    return `${this.#name} ${wrong}; ${this.#records} records are read, ${counters}`;
  }

  /** What arrived, as far as the recording has no counters of it; what was sent is then unknown. */
  #countedHere(): Counted {
    const { sink } = this.#facts.before;
    const received = (sink["received"] ?? 0n) + BigInt(this.#records);
    const segments = (sink["segments"] ?? 0n) + BigInt(this.#segments);
    return { encap: [], transit: [], sink: { ...sink, received, segments } };
  }

  #watch(callback: RecordCallback, afterBatch: (records: number) => void): Watch {
    this.#callback = callback;
    this.#afterBatch = afterBatch;
    if (!this.#started) {
      this.#started = true;
      this.#read().then(this.#finish, this.#failed);
    }
    this.#resume();
    return { close: () => (this.#callback = undefined), ref: () => {}, unref: () => {} };
  }

  async #read(): Promise<void> {
    let replay: Replay | undefined;
    for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) {
      while (this.#callback === undefined) await new Promise<void>((resolve) => (this.#resume = resolve));
      replay ??= replayOf(chunk, this.#handler());
      const goesOn = replay?.push(chunk) ?? false;
      this.#afterBatch(this.#batch);
      this.#batch = 0;
      if (!goesOn) break;
    }
    this.#wrong = replay?.end() ?? null;
  }

  #handler(): ReplayHandler {
    return {
      begin: () => {},
      record: (view, offset) => {
        this.#records++;
        this.#batch++;
        this.#segments += view.getUint16(offset + recordOffsets.segments, true);
        this.#lastLow = view.getUint32(offset + recordOffsets.timestampNs, true);
        this.#lastHigh = view.getUint32(offset + recordOffsets.timestampNs + 4, true);
        this.#callback?.(view, offset, view.byteLength);
      },
      state: (state) => {
        this.#state = state;
      },
    };
  }
}

/** Reads until the recording has said what it is about; the chunks are kept for reading them again. */
const readFacts = async (name: string, kept: Uint8Array[], next: NextChunk): Promise<SessionFacts> => {
  let facts: SessionFacts | undefined;
  let replay: Replay | undefined;
  const handler: ReplayHandler = { begin: (found) => (facts ??= found), record: () => {}, state: () => {} };
  while (facts === undefined) {
    const chunk = await next();
    if (chunk === undefined) throw noRecording(name, kept.length === 0 ? "it is empty" : "it ends too early");
    kept.push(chunk);
    replay ??= replayOf(chunk, handler);
    if (replay === undefined || (!replay.push(chunk) && facts === undefined)) {
      throw noRecording(name, replay?.end() ?? "it starts neither as pcapng nor as JSON");
    }
  }
  return facts;
};

const openFile = (path: string): NodeJS.ReadableStream & { destroy(): unknown } => {
  try {
    if (statSync(path).isDirectory()) throw new ConfigError(`cannot read ${path}: it is a folder`, { hint: HINT });
  } catch (error) {
    throw unreadable(path, error, HINT);
  }
  return createReadStream(path, { highWaterMark: CHUNK_BYTES });
};

const noRecording = (name: string, reason: string): ConfigError =>
  new ConfigError(`${name} is no recording: ${reason}`, {
    hint: "hopmark trace -w FILE makes one; captures of other programs are read as pcapng",
  });

const HINT = "name a file that hopmark trace -w wrote, or - for standard input";
