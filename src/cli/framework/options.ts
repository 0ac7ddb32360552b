/** Options, by commander: only its parser is used, fed from the command's table. */
import { Command as Parser, CommanderError, Option } from "commander";
import { ConfigError } from "../../errors.ts";
import type { CommandSpec, OptionSpec } from "./command.ts";
import { usageOf } from "./usage.ts";

export interface ParsedOptions {
  readonly values: Readonly<Record<string, string | true>>;
  /** What is no option. */
  readonly words: readonly string[];
  readonly rest: readonly string[];
}

/** ConfigError when an option is unknown, repeated or misses its value. */
export const parseOptions = (spec: CommandSpec, argv: readonly string[]): ParsedOptions => {
  const [before, rest] = splitRest(spec, argv);
  const parser = new Parser()
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  parser.argument("[words...]").action(() => {});
  const values: Record<string, string | true> = {};
  for (const [key, option] of Object.entries(spec.options ?? {})) parser.addOption(optionOf(spec, key, option, values));
  try {
    parser.parse([...before], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new ConfigError(`${spec.name}: ${error.message.replace(/^error: /, "").replaceAll("'", '"')}`, {
      hint: `usage: ${usageOf(spec)}`,
    });
  }
  return { values, words: parser.args, rest };
};

const optionOf = (
  spec: CommandSpec,
  key: string,
  { flag, short, value, repeats }: OptionSpec,
  values: Record<string, string | true>,
): Option => {
  const take = (given: string | true): void => {
    if (values[key] !== undefined && given !== true)
      throw new ConfigError(`${spec.name}: ${flag} is given twice`, { hint: `usage: ${usageOf(spec)}` });
    values[key] = given;
  };
  const again = (): void => void (values[key] = String(Number(values[key] ?? 0) + 1));
  const names = short === undefined ? flag : `${short}, ${flag}`;
  if (value === undefined) return new Option(names).preset(true).argParser(repeats === true ? again : () => take(true));
  return new Option(`${names} <${key}>`).argParser(take);
};

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
