/** Shows what a loaded program does for as long as it runs: on a terminal as a picture, else line by line. */
import type { LoadedProgram } from "../../bpf/loaded-program.ts";
import { RingReader } from "../../bpf/ring.ts";
import { SymbolNames } from "../../compiler/object/symbol-names.ts";
import { mapsOf, recordsOf, withTails } from "../../compiler/tails.ts";
import type { Output } from "../framework/output.ts";
import { LiveTerminal } from "../live/live-terminal.ts";
import type { FileWatch } from "./file-watch.ts";
import { entryLine, recordLine, removedLine, type Line } from "./lines.ts";
import { readMap, type MapContents } from "./map-reader.ts";
import { MapWatch } from "./map-watch.ts";
import type { DecodedRecord } from "./record-decoder.ts";
import { RingWatch } from "./ring-watch.ts";
import { renderRun } from "./run-screen.ts";
import { summaryOf, summaryText } from "./run-summary.ts";

export interface RunDetails {
  readonly program: string;
  /** `count_sources (xdp) on lo`. */
  readonly title: string;
  readonly note: string;
  /** The module that the program is from. */
  readonly file: FileWatch;
  readonly perCpu: boolean;
}

const FRAME_MS = 200;
/** Maps are looked at this often, or less often when a look takes long. */
const LOOK_MS = 1000;
const LOOK_SHARE = 10;
/** More entries of a map are not read: nobody could follow them. */
const ENTRY_LIMIT = 10_000;
/** As many of a large map as a screen may show. */
const SHOWN = 100;
const EDITED = "it was changed; what runs is what it was: start it again to run the new one";

export class RunSession {
  readonly #details: RunDetails;
  readonly #output: Output;
  readonly #terminal: LiveTerminal | undefined;
  readonly #maps: MapWatch[] = [];
  readonly #handles = new Map<MapWatch, unknown>();
  readonly #rings: RingWatch[] = [];
  readonly #startMs = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #nextLookMs = this.#startMs + LOOK_MS;
  #pending: string[] = [];
  #isEdited = false;

  /** Opens the program's maps; counting starts now. */
  constructor(loaded: LoadedProgram, details: RunDetails, output: Output) {
    this.#details = details;
    this.#output = output;
    this.#terminal = output.interactive ? new LiveTerminal(output) : undefined;
    const names = new SymbolNames([]);
    const programs = withTails([loaded.compiled]);
    for (const descriptor of mapsOf(programs)) {
      // What sockets carry cannot be listed: it is read by a socket's file descriptor.
      if (descriptor.type === "sk_storage") continue;
      const name = names.take(descriptor.name);
      const handle: unknown = loaded.map(descriptor);
      if (handle instanceof RingReader) {
        const hold = (record: DecodedRecord): void => this.#hold(recordLine(name, record, output.style));
        const layouts = recordsOf(programs, descriptor);
        this.#rings.push(new RingWatch(name, handle, layouts, this.#terminal === undefined ? hold : undefined));
      } else {
        const watch = new MapWatch(name, descriptor, this.#startMs, this.#read(handle));
        this.#maps.push(watch);
        this.#handles.set(watch, handle);
      }
    }
  }

  /** Shows until it is finished or closed. */
  start(): void {
    for (const ring of this.#rings) ring.start(() => this.#flush());
    this.#timer = setInterval(() => this.#tick(), FRAME_MS);
    this.#draw();
  }

  /** Looks a last time and prints what it came to. For when nothing is attached any more. */
  finish(): void {
    this.close();
    for (const ring of this.#rings) ring.stop();
    this.#look(performance.now());
    this.#flush();
    const seconds = Math.round(performance.now() - this.#startMs) / 1000;
    const { program, title } = this.#details;
    this.#output.print(summaryOf(program, seconds, this.#maps, this.#rings), (_, style) =>
      summaryText(title, seconds, this.#maps, this.#rings, style, this.#output.columns),
    );
  }

  /** Twice is fine. */
  close(): void {
    clearInterval(this.#timer);
    for (const ring of this.#rings) ring.close();
    this.#terminal?.close();
  }

  #tick(): void {
    const now = performance.now();
    if (now >= this.#nextLookMs) {
      this.#look(now);
      this.#flush();
      const doneMs = performance.now();
      this.#nextLookMs = now + Math.max(LOOK_MS, (doneMs - now) * LOOK_SHARE);
    }
    this.#draw();
  }

  #look(nowMs: number): void {
    this.#lookAtFile();
    const { style } = this.#output;
    for (const [watch, handle] of this.#handles) {
      const contents = this.#read(handle);
      if (contents === undefined) continue;
      const { entries, removed } = watch.look(contents, nowMs);
      if (this.#terminal !== undefined) continue;
      for (const entry of entries) if (entry.changed) this.#hold(entryLine(watch.name, entry, style));
      for (const entry of removed) this.#hold(removedLine(watch.name, entry, style));
    }
  }

  #read(handle: unknown): MapContents | undefined {
    const top = this.#terminal === undefined ? undefined : SHOWN;
    return readMap(handle, { limit: ENTRY_LIMIT, top, perCpu: this.#details.perCpu });
  }

  /** Says once that the file is another than the one that runs. */
  #lookAtFile(): void {
    const { file } = this.#details;
    if (this.#isEdited || !file.isChanged) return;
    this.#isEdited = true;
    if (this.#terminal === undefined) this.#output.remark(`${file.path}: ${EDITED}`);
  }

  #hold({ value, text }: Line): void {
    this.#pending.push(this.#output.line(value, () => text));
  }

  /** A write a batch, not a record. */
  #flush(): void {
    if (this.#pending.length === 0) return;
    this.#output.write(this.#pending.join(""));
    this.#pending = [];
  }

  #draw(): void {
    if (this.#terminal === undefined) return;
    const { title } = this.#details;
    const note = this.#isEdited ? `${EDITED} · Ctrl-C ends` : this.#details.note;
    const elapsedMs = performance.now() - this.#startMs;
    const state = { title, note, elapsedMs, maps: this.#maps, rings: this.#rings };
    this.#terminal.draw(renderRun(state, this.#terminal.size, this.#output.style));
  }
}
