/** Makes what the lines of a file say, where it is not there yet. */
import { setTimeout as delay } from "node:timers/promises";
import { ConfigError, HopmarkError } from "../../errors.ts";
import { currentNetns, openNetns } from "../../linux/netns.ts";
import { writeSysctl } from "../../linux/sysctl.ts";
import { commandNames, loadCommand } from "../commands/registry.ts";
import type { Context } from "../framework/command.ts";
import { explain } from "../framework/explain.ts";
import { findCommand } from "../framework/find-command.ts";
import { Output } from "../framework/output.ts";
import { parseInput } from "../framework/parse-input.ts";
import { isIoamSysctl, presentLines } from "./present-lines.ts";
import { shellWords } from "./shell-words.ts";

export interface RestoreRequest {
  /** The file's text. */
  readonly text: string;
  /** For errors. */
  readonly file: string;
  /** Namespace by NAME, PATH or PID. */
  readonly netns: string | undefined;
  /** How long interfaces that are not there are waited for, ms. */
  readonly waitMs: number;
}

/** What became of a line. */
export interface RestoredLine {
  readonly line: number;
  readonly text: string;
  readonly result: "made" | "there already" | "failed";
  /** Why it failed, and what helps; warnings of what was made. */
  readonly notes: readonly string[];
}

/** Lines that are wrong are refused before anything is made (ConfigError with the line); those that fail are reported, and the others made. */
export const restoreLines = async (request: RestoreRequest, context: Context): Promise<RestoredLine[]> => {
  const { text, file, netns, waitMs } = request;
  const lines = readLines(text, file);
  const present = new Set((await presentLines(netns)).map(normal));
  const end = performance.now() + waitMs;
  const results: RestoredLine[] = [];
  for (const { line, text: own, words } of lines) {
    if (present.has(normal(own))) {
      results.push({ line, text: own, result: "there already", notes: [] });
      continue;
    }
    results.push({ line, text: own, ...(await make(words, netns, end, context)) });
  }
  return results;
};

interface Line {
  readonly line: number;
  readonly text: string;
  readonly words: readonly string[];
}

const readLines = (text: string, file: string): Line[] =>
  text.split("\n").flatMap((whole, index): Line[] => {
    const own = whole.trim();
    if (own === "" || own.startsWith("#")) return [];
    const line = index + 1;
    const refuse = (message: string): ConfigError =>
      new ConfigError(`${file}:${line}: ${message}: ${own}`, {
        file,
        line,
        column: 1,
        hint: "hopmark persist prints lines that are right",
      });
    const words = shellWords(own);
    if (words === undefined) throw refuse("a quotation mark without its second");
    if (words[0] === "sysctl") {
      const [, key] = /^([^=]+)=(\d+)$/.exec(words[1] ?? "") ?? [];
      if (words.length !== 2 || key === undefined || !isIoamSysctl(key)) throw refuse("not a sysctl of IOAM's");
    } else if (!/^(ioam (namespace|schema|encap|transit|export|sink)|link) add /.test(own)) {
      throw refuse("neither a sysctl nor an ioam … add, nor a link add");
    }
    return [{ line, text: own, words }];
  });

/** Quotation marks and blanks are not what lines differ by. */
const normal = (line: string): string => JSON.stringify(shellWords(line));

const POLL_MS = 200;

const make = async (
  words: readonly string[],
  netns: string | undefined,
  end: number,
  context: Context,
): Promise<Pick<RestoredLine, "result" | "notes">> => {
  for (;;) {
    const notes: string[] = [];
    try {
      if (words[0] === "sysctl") setSysctl(words[1] ?? "", netns);
      else await runLine(words, netns, context, notes);
      return { result: "made", notes };
    } catch (error) {
      if (!(error instanceof HopmarkError)) throw error;
      if (isMissing(error, words) && performance.now() < end) {
        await delay(POLL_MS, undefined, { signal: context.signal });
        continue;
      }
      const told = explain(error);
      const { message, hint } = told instanceof HopmarkError ? told : error;
      return { result: "failed", notes: [...notes, message, ...(hint === undefined ? [] : [hint])] };
    }
  }
};

/** An interface that may come yet. */
const isMissing = (error: HopmarkError, [first]: readonly string[]): boolean =>
  error.code === (first === "sysctl" ? "ENOENT" : "ENODEV");

const setSysctl = (assignment: string, reference: string | undefined): void => {
  const [key = "", value = ""] = assignment.split("=");
  const netns = reference === undefined ? currentNetns() : openNetns(reference);
  try {
    writeSysctl(netns, key, value);
  } finally {
    netns.close();
  }
};

const runLine = async (
  words: readonly string[],
  netns: string | undefined,
  context: Context,
  notes: string[],
): Promise<void> => {
  const { name, rest } = findCommand(words, commandNames, []);
  const command = await loadCommand(name);
  const stdout = { write: () => true };
  const stderr = { write: (text: string) => notes.push(text.trimEnd()) > 0 };
  const output = new Output({ json: false, stdout, stderr, environment: { NO_COLOR: "1" } });
  const raw = parseInput(command, netns === undefined ? rest : [...rest, "--netns", netns]);
  await command.execute(raw, { ...context, output });
};
