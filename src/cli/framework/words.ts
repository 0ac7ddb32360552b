/** iproute2's grammar: values by their place, then `keyword value` in any order. */
import { didYouMean } from "../../compiler/nearest.ts";
import { ConfigError } from "../../errors.ts";
import type { CommandSpec } from "./command.ts";
import { matchWord } from "./match.ts";
import { usageOf } from "./usage.ts";

/** The words that are told by their place or a keyword, and those beyond, of a command that takes any number. */
export const splitWords = (
  spec: CommandSpec,
  words: readonly string[],
): [own: readonly string[], others: readonly string[]] => {
  if (spec.words === undefined) return [words, []];
  const count = Object.keys(spec.positionals ?? {}).length;
  return [words.slice(0, count), words.slice(count)];
};

/** The words of a command line, by key. ConfigError names the word that is unknown, repeated or missing. */
export const parseWords = (spec: CommandSpec, words: readonly string[]): Record<string, string | true> => {
  const values: Record<string, string | true> = {};
  const positionals = Object.entries(spec.positionals ?? {});
  const keywords = spec.keywords ?? {};
  const refuse = (message: string): never => {
    throw new ConfigError(message, { hint: `usage: ${usageOf(spec)}` });
  };
  let at = 0;
  for (const [key, { value, optional }] of positionals) {
    const word = words[at];
    const isKeyword =
      word !== undefined &&
      (optional === true ? startsKeywords(keywords, word, words[at + 1]) : Object.hasOwn(keywords, word));
    if (word !== undefined && !isKeyword) {
      values[key] = word;
      at++;
    } else if (optional !== true) {
      refuse(`${spec.name}: ${value} is missing`);
    }
  }
  while (at < words.length) {
    const typed = words[at++] ?? "";
    const keyword = missingWord(keywords, values, typed) ?? matchWord(typed, Object.keys(keywords), `${spec.name}:`);
    if (keyword === undefined)
      return refuse(`${spec.name}: unknown word "${typed}"${didYouMean(typed, Object.keys(keywords))}`);
    const value = keywords[keyword]?.alone === true ? true : words[at++];
    if (value === undefined)
      return refuse(`${spec.name}: ${keyword} is missing its value, ${keywords[keyword]?.value}`);
    if (values[keyword] !== undefined) return refuse(`${spec.name}: ${keyword} is given twice`);
    values[keyword] = value;
  }
  for (const [name, { value, optional }] of Object.entries(keywords)) {
    if (values[name] === undefined && optional !== true) refuse(`${spec.name}: ${name} ${value} is missing`);
  }
  return values;
};

/** The keyword that must still come, where `typed` may be that one or others that need not: `add t pval` says the type. */
const missingWord = (
  keywords: NonNullable<CommandSpec["keywords"]>,
  values: Readonly<Record<string, unknown>>,
  typed: string,
): string | undefined => {
  const missing = Object.keys(keywords).filter(
    (name) => keywords[name]?.optional !== true && values[name] === undefined && name.startsWith(typed),
  );
  return typed !== "" && !Object.hasOwn(keywords, typed) && missing.length === 1 ? missing[0] : undefined;
};

/**
 * Whether a word is a keyword, where a value might stand as well. One that abbreviates a keyword is a value when another keyword
 * follows it, or nothing: `add ty type pval` names something `ty`, `add ty pval` does not.
 */
const startsKeywords = (
  keywords: NonNullable<CommandSpec["keywords"]>,
  word: string,
  next: string | undefined,
): boolean => {
  if (Object.hasOwn(keywords, word)) return true;
  const abbreviates = (text: string): boolean => Object.keys(keywords).some((keyword) => keyword.startsWith(text));
  return next !== undefined && word !== "" && abbreviates(word) && !abbreviates(next);
};
