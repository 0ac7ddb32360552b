import type { Device, Hook } from "../../bpf/attach/attachment.ts";
import type { Direction } from "../../bpf/attach/order.ts";
import { load } from "../../bpf/instance.ts";
import type { CompiledProgram } from "../../compiler/program.ts";
import { HopmarkError } from "../../errors.ts";
import { openNetns } from "../../linux/netns.ts";
import type { Output } from "../framework/output.ts";
import { untilEnd } from "../live/end.ts";
import { withUndo, type Undo } from "../undo.ts";
import { compileAll } from "../user-program/compile-program.ts";
import { findProgram } from "../user-program/find-programs.ts";
import { loadModule } from "../user-program/load-module.ts";
import { withVerifierLog } from "../user-program/verifier-log.ts";
import { attachTo, checkHook, findDevice } from "./attach-to.ts";
import { RunSession } from "./run-session.ts";

export interface RunOptions {
  readonly file: string;
  readonly program: string | undefined;
  /** The loopback, without it: a program that drops does no harm there. */
  readonly dev: string | undefined;
  readonly netns: string | undefined;
  readonly hook: Direction | undefined;
  /** Until it is told to end, without it. */
  readonly seconds: number | undefined;
  /** Show what the verifier wrote when it refuses. */
  readonly log: boolean;
}

/** Attaches a user's program, shows what it does until it is told to end, and leaves nothing behind. */
export const runProgram = (options: RunOptions, output: Output, signal: AbortSignal): Promise<void> =>
  withUndo(async (undo) => {
    const { program } = findProgram(await loadModule(options.file), options.file, options.program);
    checkHook(program.type, options.hook);
    const [compiled] = compileAll([program]);
    if (compiled === undefined) throw new HopmarkError("internal", "a program went in and none came out");
    signal.throwIfAborted();
    const device = openDevice(options, undo, output);
    const loaded = withVerifierLog(output, options.log, () => load(compiled));
    undo.add(() => loaded.close());
    const attachment = attachTo(loaded, device, options.hook);
    undo.add(() => attachment.detach());
    const { hook, mechanism, programId } = attachment;
    const title = titleOf(compiled, device.name, hook, options.netns);
    const note = `${options.file} · Ctrl-C ends`;
    const session = new RunSession(loaded, { program: compiled.name, title, note }, output);
    undo.add(() => session.close());
    if (output.json) {
      const attached = { program: compiled.name, device: device.name, hook, mechanism, programId };
      output.print({ type: "attached", ...attached }, () => "");
    } else if (!output.interactive) {
      output.note(`${title} · Ctrl-C ends`);
    }
    session.start();
    await untilEnd(signal, options.seconds);
    attachment.detach();
    session.finish();
  });

/** Keeps the device's namespace open for as long as something is attached in it. */
const openDevice = (options: RunOptions, undo: Undo, output: Output): Device & { readonly name: string } => {
  const { dev = "lo" } = options;
  const netns = options.netns === undefined ? undefined : openNetns(options.netns);
  if (netns !== undefined) undo.add(() => netns.close());
  const { index, name, up } = findDevice(dev, netns);
  if (!up && !output.json) output.note(`warning: ${name} is down: no packet comes by until it is up`);
  return { ifindex: index, name, netns };
};

const titleOf = ({ name, type }: CompiledProgram, device: string, hook: Hook, netns: string | undefined): string =>
  `${name} (${type}) on ${device}${hook === "xdp" ? "" : ` ${hook}`}${netns === undefined ? "" : ` in ${netns}`}`;
