import type { KernelIterator } from "../../bpf/attach/iterator.ts";
import type { LoadedProgram } from "../../bpf/loaded-program.ts";
import { HopmarkError } from "../../errors.ts";
import { openNetns } from "../../linux/netns.ts";
import { readLayout } from "../../wire/codec.ts";
import type { Layout } from "../../wire/layout.ts";
import type { Output } from "../framework/output.ts";
import { columns } from "../picture/columns.ts";
import type { Undo } from "../undo.ts";
import { leavesOf, shownValue } from "./leaves.ts";

export interface RunIteratorOptions {
  readonly netns: string | undefined;
  /** Read again each second for so long; once without it. */
  readonly seconds: number | undefined;
}

const PERIOD_MS = 1000;

/** Reads an iterator and shows what its program wrote, as a table or a record a line. */
export const runIterator = async (
  loaded: LoadedProgram,
  options: RunIteratorOptions,
  undo: Undo,
  output: Output,
  signal: AbortSignal,
): Promise<void> => {
  const [layout] = loaded.compiled.written ?? [];
  if (layout === undefined) {
    throw new HopmarkError("iterator", `iterator ${loaded.name} writes nothing`, {
      hint: "write something for each object: ctx.write(Layout, { … })",
    });
  }
  const netns = options.netns === undefined ? undefined : openNetns(options.netns);
  if (netns !== undefined) undo.add(() => netns.close());
  const iterator = loaded.attachIterator();
  undo.add(() => iterator.close());
  const readOptions = netns === undefined ? {} : { netns };
  show(iterator, layout, iterator.readBytes(readOptions), output);
  const endMs = performance.now() + (options.seconds ?? 0) * 1000;
  while (performance.now() + PERIOD_MS <= endMs && !signal.aborted) {
    await pause(PERIOD_MS, signal);
    if (!signal.aborted) show(iterator, layout, iterator.readBytes(readOptions), output);
  }
};

const show = (iterator: KernelIterator, layout: Layout, bytes: Uint8Array, output: Output): void => {
  const values: unknown[] = [];
  for (let at = 0; at + layout.size <= bytes.length; at += layout.size) values.push(readLayout(layout, bytes, at));
  if (output.json) {
    const { name } = iterator;
    output.write(
      values
        .map((value) =>
          output.line(
            { type: "record", iterator: name, layout: layout.name, value: shownValue(layout, value) },
            () => "",
          ),
        )
        .join(""),
    );
    return;
  }
  const rows = values.map((value) => leavesOf(layout, value));
  const titles = rows[0]?.map(({ name }) => output.style("dim", name)) ?? [];
  const numbers = rows[0]?.flatMap(({ number }, at) => (number === null ? [] : [at])) ?? [];
  const lines = columns([titles, ...rows.map((row) => row.map(({ text }) => text))], numbers);
  output.write(lines.map((line) => `${line}\n`).join(""));
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
