import { compileForHere, loadHere } from "../../bpf/compile-and-load.ts";
import type { LoadedProgram } from "../../bpf/loaded-program.ts";
import { HopmarkError } from "../../errors.ts";
import type { Context } from "../framework/command.ts";
import { untilEnd } from "../live/end.ts";
import { watchGone } from "../live/gone.ts";
import { withUndo } from "../undo.ts";
import { findProgram } from "../user-program/find-programs.ts";
import { loadModule } from "../user-program/load-module.ts";
import { withVerifierLog } from "../user-program/verifier-log.ts";
import { FileWatch } from "./file-watch.ts";
import { checkPlace, needsOf, openPlace, type PlaceOptions } from "./place.ts";
import { runIterator } from "./run-iterator.ts";
import { RunSession } from "./run-session.ts";

export interface RunOptions extends PlaceOptions {
  readonly file: string;
  readonly program: string | undefined;
  /** Until it is told to end, without it. */
  readonly seconds: number | undefined;
  /** Show what the verifier wrote when it refuses. */
  readonly log: boolean;
  /** Values of per-CPU maps one by one. */
  readonly perCpu: boolean;
}

/** Attaches a user's program, shows what it does until it is told to end, and leaves nothing behind. */
export const runProgram = (options: RunOptions, context: Context): Promise<void> =>
  withUndo(async (undo) => {
    const { output } = context;
    const file = new FileWatch(options.file);
    const { program } = findProgram(await loadModule(options.file), options.file, options.program);
    checkPlace(program.type, options);
    await context.needRights(needsOf(program.type));
    const compiled = compileForHere(program);
    const load = (): LoadedProgram => {
      const loaded = withVerifierLog(output, options.log, () => loadHere(program, compiled));
      undo.add(() => loaded.close());
      return loaded;
    };
    if (program.type === "iterator") return runIterator(load(), options, undo, output, context.signal);
    const place = openPlace(program, options, undo, output);
    const loaded = load();
    const attachment = place.attach(loaded);
    undo.add(() => attachment.detach());
    const { hook, mechanism, programId } = attachment;
    const title = `${compiled.name} (${compiled.type}) on ${place.words}`;
    const note = `${options.file} · Ctrl-C ends`;
    if (output.json) {
      const attached = { program: compiled.name, ...place.named, hook, mechanism, programId };
      output.print({ type: "attached", ...attached }, () => "");
    } else if (!output.interactive) {
      output.note(`${title} · Ctrl-C ends`);
    }
    const { perCpu } = options;
    const session = new RunSession(loaded, { program: compiled.name, title, note, file, perCpu }, output);
    undo.add(() => session.close());
    session.start();
    const gone = watchGone(
      () => attachment.isGone === true,
      () =>
        new HopmarkError("gone", `${title} sees nothing any more: what it was attached to is gone, or it was detached`),
    );
    undo.add(() => gone.close());
    try {
      await untilEnd(context.signal, options.seconds, [gone.failed]);
    } finally {
      attachment.detach();
      session.finish();
    }
  });
