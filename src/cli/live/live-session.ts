/** Follows one source for as long as a command runs: prints paths, or draws them, and says at the end what they came to. */
import { setTimeout as sleep } from "node:timers/promises";
import { HopmarkError } from "../../errors.ts";
import { lossBetween, type Loss } from "../../follow/trace/loss.ts";
import type { PathObject } from "../../follow/trace/path-object.ts";
import type { RecordingFile } from "../../follow/trace/recording/recording-file.ts";
import type { SessionFacts } from "../../follow/trace/recording/session.ts";
import { summarise, type Summary } from "../../follow/trace/summary.ts";
import { TraceFollower } from "../../follow/trace/trace-follower.ts";
import type { Watch } from "../../linux/ffi.ts";
import type { MoveSummary } from "../../follow/trace/path-summary.ts";
import type { Grouping } from "../picture/grouping.ts";
import { moveLine } from "../picture/move-line.ts";
import type { Style } from "../framework/style.ts";
import type { Output } from "../framework/output.ts";
import { DelayHistory } from "../picture/delay-history.ts";
import { packetLine } from "../picture/packet-line.ts";
import { renderScreen } from "../picture/screen.ts";
import type { LiveSource } from "./live-source.ts";
import { LiveTerminal } from "./live-terminal.ts";

export interface LiveOptions {
  /** `lines`: a line a packet; `picture`: on a terminal, else lines; `none`: neither. Default: `picture`. */
  readonly show?: "lines" | "picture" | "none";
  /** What the picture's table has a row for. Default: links. */
  readonly by?: Grouping | undefined;
  /** Where all that comes is written to as well. */
  readonly recording?: RecordingFile | undefined;
}

const FRAME_MS = 100;
/** Counters cost system calls, and nobody reads them ten times a second. */
const FRAMES_PER_SAMPLE = 5;
const HISTORY = 120;
/** Counters in a recording: what a recording that was cut off still has. */
const RECORDED_STATE_MS = 1000;
/** How long the end of a recording waits for a pipe's reader. */
const LAST_WRITE_MS = 5000;
const RETRY_MS = 5;

export class LiveSession {
  /** Settles when the recording cannot go on, {@link failure} says why; else it stays as it is. */
  readonly failed: Promise<void>;
  readonly #source: LiveSource;
  readonly #by: Grouping;
  readonly #output: Output;
  readonly #follower: TraceFollower;
  readonly #terminal: LiveTerminal | undefined;
  readonly #history = new DelayHistory(HISTORY);
  readonly #facts: SessionFacts;
  readonly #timers: NodeJS.Timeout[] = [];
  #recording: RecordingFile | undefined;
  #watch: Watch | undefined;
  #closed = false;
  #fail: () => void = () => {};
  #failure: unknown;
  #pending: string[] = [];
  #frames = 0;
  #loss: Loss;

  /** From now on; records that were there before are none of ours. */
  constructor(source: LiveSource, output: Output, { show = "picture", by = "link", recording }: LiveOptions = {}) {
    this.#source = source;
    this.#output = output;
    this.#recording = recording;
    this.#by = by;
    this.failed = new Promise((resolve) => (this.#fail = resolve));
    this.#terminal = output.interactive && show === "picture" ? new LiveTerminal(output) : undefined;
    this.#facts = source.begin();
    const { names, before } = this.#facts;
    const printsLines = this.#terminal === undefined && show !== "none";
    this.#follower = new TraceFollower({
      names,
      ...(printsLines && {
        onPath: (path: PathObject) => this.#hold(path, packetLine),
        onMove: (move: MoveSummary) => this.#hold(move, moveLine),
      }),
      ...(recording !== undefined && { onRecord: (bytes, offset) => this.#recording?.add(bytes, offset) }),
    });
    this.#loss = lossBetween(before, before);
    if (recording !== undefined) {
      recording.begin(this.#facts);
      this.#writeRecording();
      this.#timers.push(setInterval(() => this.#recordState(), RECORDED_STATE_MS));
    }
    this.#listen();
    if (this.#terminal !== undefined) {
      this.#timers.push(setInterval(() => this.#draw(), FRAME_MS));
      this.#draw();
    }
  }

  /** Why the recording could not go on; undefined when it could. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Waits until everything that was sent has arrived, or nothing more comes, at most `limitMs`. */
  async settle(limitMs: number): Promise<void> {
    const end = performance.now() + limitMs;
    while (performance.now() < end) {
      const { sent, received } = this.#lossNow();
      if (sent !== null && received >= sent) return;
      await sleep(10);
    }
  }

  /** Ends it and says what it came to; all of it is recorded then, or {@link failure} says why not. */
  async finish(): Promise<Summary> {
    this.close();
    this.#source.reader.poll(this.#take);
    this.#follower.end();
    this.#flush();
    const state = this.#source.state(true);
    this.#recording?.state(state);
    await this.#writeAll();
    const { after, ...rest } = state;
    return summarise(this.#follower.statistics, lossBetween(this.#facts.before, after), { ...this.#facts, ...rest });
  }

  /** Twice is fine. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#pause();
    this.#terminal?.close();
  }

  readonly #take = (view: DataView, offset: number): void => this.#follower.take(view, offset);

  #listen(): void {
    this.#watch ??= this.#source.reader.watch(this.#take, () => {
      this.#flush();
      this.#writeRecording();
    });
  }

  #pause(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  #lossNow(): Loss {
    return lossBetween(this.#facts.before, this.#source.state(false).after);
  }

  #hold<T>(value: T, text: (value: T, style: Style) => string): void {
    this.#pending.push(this.#output.line(value, text));
  }

  /** A write a batch, not a packet. */
  #flush(): void {
    if (this.#pending.length === 0) return;
    this.#output.write(this.#pending.join(""));
    this.#pending = [];
  }

  #recordState(): void {
    // A reader that is behind gets nothing new: it would only wait in memory.
    if (this.#watch !== undefined) this.#recording?.state(this.#source.state(false));
    this.#writeRecording();
  }

  /** Where a pipe's reader is slow, records wait in the ring, and what finds no room there is counted. */
  #writeRecording(): boolean {
    try {
      const written = this.#recording?.flush() ?? true;
      if (written && !this.#closed) this.#listen();
      else this.#pause();
      return written;
    } catch (error) {
      this.#recording = undefined;
      this.#failure = error;
      this.#fail();
      return true;
    }
  }

  async #writeAll(): Promise<void> {
    for (const end = performance.now() + LAST_WRITE_MS; !this.#writeRecording(); await sleep(RETRY_MS)) {
      if (performance.now() < end) continue;
      this.#failure = new HopmarkError("recording", `the reader of ${this.#recording?.path} does not read`, {
        hint: "end it, or let it go on",
      });
      return;
    }
  }

  #draw(): void {
    const { title, note } = this.#source;
    const { transit, names } = this.#facts;
    const { statistics } = this.#follower;
    if (this.#terminal === undefined) return;
    if (this.#frames++ % FRAMES_PER_SAMPLE === 0) {
      this.#loss = this.#lossNow();
      this.#history.sample(statistics.links);
    }
    const { width, height } = this.#terminal.size;
    const elapsedMs = this.#source.secondsSoFar() * 1000;
    const recent = this.#follower.recent(height);
    const state = {
      title,
      note,
      transit,
      elapsedMs,
      statistics,
      loss: this.#loss,
      history: this.#history,
      names,
      recent,
      by: this.#by,
    };
    this.#terminal.draw(renderScreen(state, { width, height }, this.#output.style));
  }
}
