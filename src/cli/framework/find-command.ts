/** Which command a command line names. Words may be abbreviated, as with iproute2: `hopmark ioam sh`. */
import { didYouMean } from "../../compiler/nearest.ts";
import { ConfigError } from "../../errors.ts";
import { matchWord } from "./match.ts";

export interface FoundCommand {
  /** Full names: a command, or several that start alike. */
  readonly name: string;
  /** Whether it is a command and not a group of them. */
  readonly complete: boolean;
  /** The words after its name, options that stood before it included. */
  readonly rest: readonly string[];
}

/** Other names that iproute2 knows. */
const synonyms: Readonly<Record<string, string>> = { list: "show", lst: "show", show: "list", ns: "namespace" };

/**
 * Follows the words of `argv` down the names of all commands. ConfigError for a word that is none there. Options may stand
 * before the name (`ip -n NAME …`); `valued` are those that take a value.
 */
export const findCommand = (
  argv: readonly string[],
  names: readonly string[],
  valued: readonly string[],
): FoundCommand => {
  let found: string[] = [];
  const early: string[] = [];
  let at = 0;
  while (at < argv.length) {
    const word = argv[at] ?? "";
    if (word.startsWith("-")) {
      if (found.length > 0 || word === "--") break;
      early.push(word);
      if (valued.includes(word)) early.push(...argv.slice(++at, at + 1));
      at++;
      continue;
    }
    const next = wordsAfter(found, names);
    if (next.length === 0) break;
    const what = found.length === 0 ? "command" : `${found.join(" ")}:`;
    const synonym = synonyms[word];
    const match =
      matchWord(word, next, what) ?? (synonym !== undefined && next.includes(synonym) ? synonym : undefined);
    if (match === undefined) {
      if (names.includes(found.join(" "))) break;
      const unknown = found.length === 0 ? `unknown command "${word}"` : `${found.join(" ")}: unknown word "${word}"`;
      throw new ConfigError(`${unknown}${didYouMean(word, next)}`, {
        hint: `one of ${next.join(", ")}; hopmark --help says more`,
      });
    }
    found = [...found, match];
    at++;
  }
  const name = found.join(" ");
  return { name, complete: names.includes(name), rest: [...early, ...argv.slice(at)] };
};

/** What may follow `found` in the names of commands. */
const wordsAfter = (found: readonly string[], names: readonly string[]): string[] => {
  const following = names
    .map((name) => name.split(" "))
    .filter((words) => words.length > found.length && found.every((word, index) => words[index] === word))
    .map((words) => words[found.length] ?? "");
  return [...new Set(following)];
};
