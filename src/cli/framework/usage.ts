/** The grammar of a command, as help and errors show it. */
import { universalOptions } from "./common-options.ts";
import type { CommandSpec, OptionSpec, WordSpec } from "./command.ts";

/** What follows the command's name, part by part: `PREFIX`, `dev DEVICE`, `[freq K/N]`, `[--netns NAME|PATH|PID]`. */
export const grammarOf = (spec: CommandSpec): string[] => [
  ...Object.values(spec.positionals ?? {}).map((word) => bracketed(word, word.value)),
  ...(spec.words === undefined ? [] : [`[${spec.words.value}]`]),
  ...Object.entries(spec.keywords ?? {}).map(([name, word]) => bracketed(word, keywordUsage(name, word))),
  ...Object.values<OptionSpec>({ ...spec.options, json: universalOptions.json })
    .filter(({ flag }) => flag !== universalOptions.helpFlag.flag)
    .map((option) => `[${optionUsage(option)}]`),
  ...(spec.rest === undefined ? [] : [`[--] ${spec.rest.value}`]),
];

/** The grammar on one line. */
export const usageOf = (spec: CommandSpec): string => ["hopmark", spec.name, ...grammarOf(spec)].join(" ");

/** `dev DEVICE`; `keep`, which stands alone. */
export const keywordUsage = (name: string, { value, alone }: WordSpec): string =>
  alone === true ? name : `${name} ${value}`;

/** `--seconds N` */
export const optionUsage = ({ flag, value }: OptionSpec): string => (value === undefined ? flag : `${flag} ${value}`);

const bracketed = (word: WordSpec, text: string): string => (word.optional === true ? `[${text}]` : text);
