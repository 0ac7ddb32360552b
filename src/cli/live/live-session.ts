/** Follows one sink for as long as a command runs: prints paths, or draws them, and says at the end what they came to. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RingReader } from "../../bpf/ring.ts";
import type { Watch } from "../../linux/ffi.ts";
import { lossBetween, type Counted, type Loss } from "../../follow/trace/loss.ts";
import type { NodeNames, PathObject } from "../../follow/trace/path-object.ts";
import { summarise, type Summary } from "../../follow/trace/summary.ts";
import { TraceFollower } from "../../follow/trace/trace-follower.ts";
import type { Output } from "../framework/output.ts";
import { DelayHistory } from "../picture/delay-history.ts";
import { packetLine } from "../picture/packet-line.ts";
import { renderScreen } from "../picture/screen.ts";
import { LiveTerminal } from "./live-terminal.ts";

export interface LiveSource {
  readonly title: string;
  readonly note: string;
  readonly transit: string | null;
  readonly names: NodeNames;
  readonly reader: Pick<RingReader, "watch" | "poll" | "skip">;
  /** Reads all counters now. */
  readonly counted: () => Counted;
}

const FRAME_MS = 100;
/** Counters cost system calls, and nobody reads them ten times a second. */
const FRAMES_PER_SAMPLE = 5;
const HISTORY = 120;

export class LiveSession {
  readonly #source: LiveSource;
  readonly #output: Output;
  readonly #follower: TraceFollower;
  readonly #terminal: LiveTerminal | undefined;
  readonly #history = new DelayHistory(HISTORY);
  readonly #before: Counted;
  readonly #startMs = performance.now();
  readonly #watch: Watch;
  readonly #timer: NodeJS.Timeout | undefined;
  #pending: string[] = [];
  #frames = 0;
  #loss: Loss;

  /** From now on; records that were there before are none of ours. */
  constructor(source: LiveSource, output: Output, { lines = false } = {}) {
    this.#source = source;
    this.#output = output;
    this.#terminal = output.interactive && !lines ? new LiveTerminal(output) : undefined;
    this.#follower = new TraceFollower({
      names: source.names,
      ...(this.#terminal === undefined && { onPath: (path: PathObject) => this.#hold(path) }),
    });
    source.reader.skip();
    this.#before = source.counted();
    this.#loss = lossBetween(this.#before, this.#before);
    this.#watch = source.reader.watch(this.#take, () => this.#flush());
    if (this.#terminal !== undefined) {
      this.#timer = setInterval(() => this.#draw(), FRAME_MS);
      this.#draw();
    }
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

  /** Ends it and says what it came to. */
  finish(): Summary {
    const seconds = Math.round(performance.now() - this.#startMs) / 1000;
    this.close();
    this.#source.reader.poll(this.#take);
    this.#flush();
    const { transit, names } = this.#source;
    return summarise(this.#follower.statistics, this.#lossNow(), { seconds, transit, names });
  }

  /** Twice is fine. */
  close(): void {
    clearInterval(this.#timer);
    this.#watch.close();
    this.#terminal?.close();
  }

  readonly #take = (view: DataView, offset: number): void => this.#follower.take(view, offset);

  #lossNow(): Loss {
    return lossBetween(this.#before, this.#source.counted());
  }

  #hold(path: PathObject): void {
    this.#pending.push(this.#output.line(path, packetLine));
  }

  /** A write a batch, not a packet. */
  #flush(): void {
    if (this.#pending.length === 0) return;
    this.#output.write(this.#pending.join(""));
    this.#pending = [];
  }

  #draw(): void {
    const { title, note, transit, names } = this.#source;
    const { statistics } = this.#follower;
    if (this.#terminal === undefined) return;
    if (this.#frames++ % FRAMES_PER_SAMPLE === 0) {
      this.#loss = this.#lossNow();
      this.#history.sample(statistics.links);
    }
    const { width, height } = this.#terminal.size;
    const elapsedMs = performance.now() - this.#startMs;
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
    };
    this.#terminal.draw(renderScreen(state, { width, height }, this.#output.style));
  }
}
