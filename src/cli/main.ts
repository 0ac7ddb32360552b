/** The program `hopmark`: the only place that reads argv and exits. */
import { writeSync } from "node:fs";
import { ConfigError } from "../errors.ts";
import type { Capability } from "../linux/capabilities.ts";
import { commandNames, loadCommand, loadGroup } from "./commands/registry.ts";
import type { Command } from "./framework/command.ts";
import { universalOptions } from "./framework/common-options.ts";
import { ExitStatus, exitStatusOf } from "./framework/exit-status.ts";
import { explain } from "./framework/explain.ts";
import { fileOutput } from "./framework/file-output.ts";
import { findCommand } from "./framework/find-command.ts";
import { commandHelp, groupHelp } from "./framework/help.ts";
import { Output, type Stream } from "./framework/output.ts";
import { parseInput } from "./framework/parse-input.ts";
import { reportError } from "./framework/report-error.ts";
import { watchInterruption, type Interruption } from "./framework/signals.ts";
import { version } from "./version.ts";

/** Options with a value that may stand before the command. */
const EARLY_VALUED = ["--netns", "-n"];

const STDOUT = 1;

type StandardStream = typeof process.stdout | typeof process.stderr;

/** Runs one command line and returns its exit status. */
export const main = async (argv: readonly string[]): Promise<number> => {
  const json = argv.slice(0, argv.indexOf("--") < 0 ? argv.length : argv.indexOf("--")).some(isJsonFlag);
  const opened = new Set<StandardStream>();
  const open = (stream: StandardStream, onError: (error: NodeJS.ErrnoException) => void): StandardStream => {
    if (!opened.has(stream)) stream.on("error", onError);
    opened.add(stream);
    return stream;
  };
  let stdout: Stream | undefined;
  const output = new Output({
    json,
    get stdout() {
      return (stdout ??= fileOutput(STDOUT) ?? open(process.stdout, onGone));
    },
    get stderr() {
      // A disk too full for notes is no reason to end, and there is nowhere to say it.
      return open(process.stderr, (error) => isGone(error) && onGone(error));
    },
    environment: process.env,
    writeAlone: (text) => stdout === undefined && writeAlone(text, output),
  });
  const interruption = watchInterruption();
  const onGone = (error: NodeJS.ErrnoException): void => {
    if (!isGone(error)) throw error;
    output.close();
    interruption.abort();
  };
  const given: Given = {};
  try {
    const status = await dispatch(argv, output, interruption, given);
    if (interruption.failure() !== undefined) throw interruption.failure();
    return status;
  } catch (error) {
    const cause = explain(interruption.failure() ?? error);
    if (interruption.failure() === undefined && isAbort(error) && interruption.isAborted)
      return interruptedStatus(interruption);
    reportError(cause, output, given);
    return exitStatusOf(cause);
  } finally {
    interruption.dispose();
    await Promise.all([...opened].map(written));
    endWithTerminal(opened);
  }
};

/** Whether the reader has gone. */
const isGone = ({ code }: NodeJS.ErrnoException): boolean => code === "EPIPE" || code === "EIO";

/**
 * Node.js puts a terminal back as it was when it exits, and aborts where that has gone: then this ends as the signal would have ended it
 * that says so.
 */
const endWithTerminal = (streams: Iterable<StandardStream>): void => {
  const { isatty } = process.getBuiltinModule("node:tty");
  for (const { isTTY, fd } of streams) if (isTTY && !isatty(fd)) process.kill(process.pid, "SIGHUP");
};

/** A pipe takes so much whole, or not at all (PIPE_BUF, pipe(7)). */
const ATOMIC_BYTES = 4096;

/** To standard output. What cannot be written so, or now, is for the stream, which waits or says why. */
const writeAlone = (text: string, output: Output): boolean => {
  const bytes = Buffer.from(text);
  if (bytes.length > ATOMIC_BYTES) return false;
  try {
    const written = writeSync(STDOUT, bytes);
    if (written < bytes.length) output.writeBytes(bytes.subarray(written));
    return true;
  } catch {
    return false;
  }
};

/** What errors are told of the command line, once it is read. */
interface Given {
  netns?: string;
  /** The command can show the verifier's own log, and was not told to. */
  hidesLog?: boolean;
}

/** When all that was printed has left, or its reader has gone: a pipe takes 64 KiB at once, and whoever called exits now. */
const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.writableLength === 0) resolve();
    else stream.write("", () => resolve());
  });

const dispatch = async (
  argv: readonly string[],
  output: Output,
  interruption: Interruption,
  given: Given,
): Promise<number> => {
  if (argv[0] === "--version" || argv[0] === "-V") {
    output.print({ version: version() }, (value) => `hopmark ${value.version}`);
    return ExitStatus.Ok;
  }
  const words = argv[0] === "help" ? [...argv.slice(1), "--help"] : argv;
  const found = findCommand(words, commandNames, EARLY_VALUED);
  const wantsHelp = found.rest.some((word) => word === "--help" || word === "-h");
  if (!found.complete) {
    if (!wantsHelp && (found.name !== "" || argv.length > 0)) throw incomplete(found.name);
    const text = groupHelp(found.name, await loadGroup(found.name), output.style, output.stdout.columns);
    if (wantsHelp) output.write(`${text}\n`);
    else output.note(text);
    return wantsHelp ? ExitStatus.Ok : ExitStatus.Usage;
  }
  return runCommand(await loadCommand(found.name), found.rest, argv, output, interruption, given);
};

const runCommand = async (
  command: Command,
  rest: readonly string[],
  argv: readonly string[],
  output: Output,
  interruption: Interruption,
  given: Given,
): Promise<number> => {
  const raw = parseInput(command, rest);
  const { netns } = raw.values;
  if (typeof netns === "string") given.netns = netns;
  given.hidesLog = command.options?.["log"] !== undefined && raw.values["log"] === undefined;
  if (raw.values["helpFlag"] !== undefined) {
    output.write(`${commandHelp(command, output.style, output.stdout.columns)}\n`);
    return ExitStatus.Ok;
  }
  const needRights = async (needs: readonly Capability[]): Promise<void> => {
    const { requireRights } = await import("./framework/rights.ts");
    requireRights(`hopmark ${command.name}`, needs, argv);
    const { reapLabs, reapPins, requirePins } = await import("./reap.ts");
    if (needs.includes("CAP_BPF") && command.withoutPins !== true) requirePins();
    await reapLabs(output);
    if (command.withoutPins !== true) reapPins(output);
    if (interruption.isAborted) interruption.signal.throwIfAborted();
  };
  if (command.needs !== undefined) await needRights(command.needs);
  if (command.rest !== undefined) interruption.allowRepeats();
  return command.execute(raw, {
    output,
    get signal() {
      return interruption.signal;
    },
    needRights,
  });
};

const incomplete = (group: string): ConfigError => {
  const next = commandNames.filter((name) => name.startsWith(group === "" ? "" : `${group} `));
  return new ConfigError(`${group === "" ? "hopmark" : group}: say which: ${next.join(", ")}`, {
    hint: `hopmark ${group === "" ? "" : `${group} `}--help says more`,
  });
};

const isJsonFlag = (word: string): boolean =>
  word === universalOptions.json.flag || word === universalOptions.json.short;

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

/** As shells expect of a program that a signal ended; the reader's leaving is no failure. */
const interruptedStatus = (interruption: Interruption): number => {
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
  const signal = interruption.received();
  return signal === undefined ? ExitStatus.Ok : 128 + (numbers[signal] ?? 0);
};
