/** Options, by Node's own parser, fed from the command's table: `--flag VALUE`, `--flag=VALUE`, `-f VALUE`, `-fVALUE`, `-abc`. */
import { parseArgs } from "node:util";
import { didYouMean } from "../../compiler/nearest.ts";
import { ConfigError } from "../../errors.ts";
import type { CommandSpec, OptionSpec } from "./command.ts";
import { optionUsage, usageOf } from "./usage.ts";

export interface ParsedOptions {
  readonly values: Readonly<Record<string, string | true>>;
  /** What is no option. */
  readonly words: readonly string[];
  readonly rest: readonly string[];
}

/** ConfigError when an option is unknown, repeated or misses its value. */
export const parseOptions = (spec: CommandSpec, argv: readonly string[]): ParsedOptions => {
  const [before, rest] = splitRest(spec, argv);
  const options = Object.entries(spec.options ?? {});
  const values: Record<string, string | true> = {};
  const words: string[] = [];
  const refuse = (message: string): never => {
    throw new ConfigError(`${spec.name}: ${message}`, { hint: `usage: ${usageOf(spec)}` });
  };
  const take = (token: OptionToken): void => {
    const { rawName, value } = token;
    const [key, option] = options.find(([, { flag, short }]) => rawName === flag || rawName === short) ?? [];
    if (key === undefined || option === undefined) {
      return refuse(`unknown option "${rawName}"${didYouMean(rawName, flagsOf(options))}`);
    }
    if (option.value !== undefined) {
      if (value === undefined) refuse(`option "${optionUsage(option)}" is missing its value`);
      if (values[key] !== undefined) refuse(`${option.flag} is given twice`);
    } else if (value !== undefined) {
      refuse(`the option ${rawName} takes no value`);
    }
    values[key] = option.repeats === true ? String(Number(values[key] ?? 0) + 1) : (value ?? true);
  };
  let number = -1;
  for (const token of tokensOf(options, before)) {
    const word = before[token.index] ?? "";
    if (token.kind === "positional") {
      words.push(token.value);
    } else if (token.kind === "option" && !NUMBER.test(word)) {
      take(token);
    } else if (token.kind === "option" && token.index !== number) {
      // Its digits come as options, one each.
      number = token.index;
      words.push(word);
    }
  }
  return { values, words, rest };
};

/** A word that is no option, though it starts with a dash. */
const NUMBER = /^-(?:\d|\d*\.\d+)(?:e[+-]?\d+)?$/;

type OptionToken = Extract<ReturnType<typeof tokensOf>[number], { kind: "option" }>;

/** Not strictly: what is wrong is told in our words. */
const tokensOf = (options: readonly (readonly [string, OptionSpec])[], args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: Object.fromEntries(
      options.map(([, { flag, short, value }]) => [
        flag.slice(2),
        {
          type: value === undefined ? "boolean" : "string",
          multiple: true,
          ...(short !== undefined && { short: short.slice(1) }),
        },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;

const flagsOf = (options: readonly (readonly [string, OptionSpec])[]): string[] => options.map(([, { flag }]) => flag);

/** Another program's command line starts after `--`, or with the first word that is not ours. */
const splitRest = (spec: CommandSpec, argv: readonly string[]): [readonly string[], readonly string[]] => {
  if (spec.rest === undefined) return [argv, []];
  const dashes = argv.indexOf("--");
  const own = Object.keys(spec.positionals ?? {}).length;
  const limit = dashes < 0 ? argv.length : dashes;
  const withValue = new Set(
    Object.values(spec.options ?? {}).flatMap(({ flag, short, value }) => (value === undefined ? [] : [flag, short])),
  );
  let words = 0;
  for (let at = 0; at < limit; at++) {
    const word = argv[at] ?? "";
    if (word.startsWith("-") && word !== "-") {
      if (withValue.has(word as `--${string}`)) at++;
    } else if (words++ === own) {
      return [argv.slice(0, at), argv.slice(at)];
    }
  }
  return dashes < 0 ? [argv, []] : [argv.slice(0, dashes), argv.slice(dashes + 1)];
};
