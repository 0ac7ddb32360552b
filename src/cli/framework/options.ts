/** Options, as getopt_long(3) reads them: `--flag`, `--flag VALUE`, `--flag=VALUE`, `-f VALUE`, `-fVALUE`, `-abc`. */
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
  const take = (key: string, { flag, value, repeats }: OptionSpec, given: string | undefined): void => {
    if (value !== undefined && values[key] !== undefined) refuse(`${flag} is given twice`);
    values[key] = repeats === true ? String(Number(values[key] ?? 0) + 1) : (given ?? true);
  };
  for (let at = 0; at < before.length; at++) {
    const word = before[at] ?? "";
    if (word === "--") {
      words.push(...before.slice(at + 1));
      break;
    }
    if (!isOption(word)) {
      words.push(word);
      continue;
    }
    for (let left = word; left !== "";) {
      const [name, own, next] = split(left);
      const [key, option] = options.find(([, { flag, short }]) => name === flag || name === short) ?? [];
      if (key === undefined || option === undefined) {
        return refuse(`unknown option "${left}"${didYouMean(name, flagsOf(options))}`);
      }
      if (option.value === undefined) {
        if (name.startsWith("--") && own !== undefined) refuse(`the option ${name} takes no value`);
        take(key, option, undefined);
        left = next;
      } else {
        const given = own ?? before[++at];
        if (given === undefined) refuse(`option "${optionUsage(option)}" is missing its value`);
        take(key, option, given);
        left = "";
      }
    }
  }
  return { values, words, rest };
};

/** A dash alone is a file, `-5` a number. */
const isOption = (word: string): boolean => /^-[^]/.test(word) && !/^-(?:\d|\d*\.\d+)(?:e[+-]?\d+)?$/.test(word);

/** An option's name, the value that is in the same word, and the options that are, where it takes none. */
const split = (word: string): [name: string, value: string | undefined, others: string] => {
  if (!word.startsWith("--")) {
    const [name, behind] = [word.slice(0, 2), word.slice(2)];
    return behind === "" ? [name, undefined, ""] : [name, behind, `-${behind}`];
  }
  const end = word.indexOf("=");
  return end < 0 ? [word, undefined, ""] : [word.slice(0, end), word.slice(end + 1), ""];
};

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
