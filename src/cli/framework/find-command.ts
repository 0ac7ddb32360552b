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
const synonyms: Readonly<Record<string, string>> = {
  list: "show",
  lst: "show",
  ls: "show",
  show: "list",
  change: "set",
  ns: "namespace",
};

/** Abbreviations of several words that everybody types for one of them, because iproute2 takes them for it. */
const usual: Readonly<Record<string, string>> = { l: "link", "link s": "set" };

/** What a group does when no more is said, as with iproute2. */
const alone: Readonly<Record<string, string>> = { link: "show" };

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
    const oneOfNext = (text: string | undefined): string | undefined => next.find((own) => own === text);
    const match =
      oneOfNext(word) ??
      oneOfNext(usual[[...found, word].join(" ")]) ??
      oneOfNext(synonyms[word]) ??
      matchWord(word, next, what);
    if (match === undefined) {
      if (word === "help" && at === argv.length - 1) {
        early.push("--help");
        at++;
        break;
      }
      if (names.includes(found.join(" "))) break;
      const unknown = found.length === 0 ? `unknown command "${word}"` : `${found.join(" ")}: unknown word "${word}"`;
      throw new ConfigError(`${unknown}${didYouMean(word, next)}`, {
        hint: `one of ${next.join(", ")}; ${["hopmark", ...found].join(" ")} --help says more`,
      });
    }
    found = [...found, match];
    at++;
  }
  const rest = [...early, ...argv.slice(at)];
  const group = found.join(" ");
  const own = `${group} ${alone[group]}`;
  const name = names.includes(own) && !rest.some((word) => word === "--help" || word === "-h") ? own : group;
  return { name, complete: names.includes(name), rest };
};

/** What may follow `found` in the names of commands. */
const wordsAfter = (found: readonly string[], names: readonly string[]): string[] => {
  const following = names
    .map((name) => name.split(" "))
    .filter((words) => words.length > found.length && found.every((word, index) => words[index] === word))
    .map((words) => words[found.length] ?? "");
  return [...new Set(following)];
};
