/** What a command line says to its command, before it is read. */
import type { CommandSpec, RawInput } from "./command.ts";
import { universalOptions } from "./common-options.ts";
import { parseOptions } from "./options.ts";
import { parseWords, splitWords } from "./words.ts";

/** `words` are those behind the command's name. With `--help` nothing else need be there. ConfigError for what is wrong. */
export const parseInput = (command: CommandSpec, words: readonly string[]): RawInput => {
  const options = { ...command.options, ...universalOptions };
  const parsed = parseOptions({ ...command, options }, words);
  if (parsed.values["helpFlag"] !== undefined) return { values: parsed.values, rest: [] };
  const [own, others] = splitWords(command, parsed.words);
  return { values: { ...parsed.values, ...parseWords(command, own) }, rest: [...others, ...parsed.rest] };
};
