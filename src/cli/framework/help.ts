/** Help, from the commands' tables. */
import type { Command, CommandSpec, OptionSpec } from "./command.ts";
import { universalOptions } from "./common-options.ts";
import type { Style } from "./style.ts";
import { grammarOf, keywordUsage, optionUsage } from "./usage.ts";
import { wrap } from "./wrap.ts";

const DEFAULT_WIDTH = 100;

/** All that is to be known of a command, in the order of a manual page. */
export const commandHelp = (spec: CommandSpec, style: Style, width = DEFAULT_WIDTH): string => {
  const words = [
    ...Object.values(spec.positionals ?? {}).map((word) => [word.value, word.description] as const),
    ...Object.entries(spec.keywords ?? {}).map(([name, word]) => [keywordUsage(name, word), word.description] as const),
    ...(spec.words === undefined ? [] : [[spec.words.value, spec.words.description] as const]),
    ...(spec.rest === undefined ? [] : [[spec.rest.value, spec.rest.description] as const]),
  ];
  const options = Object.values({ ...spec.options, ...universalOptions } as Record<string, OptionSpec>).map(
    (option) =>
      [
        `${option.short === undefined ? "    " : `${option.short}, `}${optionUsage(option)}`,
        option.description,
      ] as const,
  );
  return [
    `${style("bold", `hopmark ${spec.name}`)} - ${spec.summary}`,
    section(style, "Usage", usageLines(spec, width)),
    ...(spec.description ?? []).map((paragraph) => `\n${wrap(paragraph, width).join("\n")}`),
    table(style, "Words", words, width),
    table(style, "Options", options, width),
    section(style, "Examples", spec.examples ?? []),
    section(style, "Exit status", [
      "0 ok   1 failed   2 usage or configuration   3 not supported here   4 not permitted",
    ]),
  ]
    .filter((part) => part !== "")
    .join("\n");
};

/** A group of commands (`lab`), or all of them. */
export const groupHelp = (group: string, commands: readonly Command[], style: Style, width = DEFAULT_WIDTH): string => {
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  const title =
    group === ""
      ? `${style("bold", "hopmark")} - mark packets, follow them, steer them`
      : style("bold", `hopmark ${group}`);
  return [
    title,
    section(style, "Usage", [`hopmark ${group === "" ? "" : `${group} `}COMMAND [WORDS] [OPTIONS]`]),
    table(style, "Commands", rows, width),
    `\nhopmark ${group === "" ? "" : `${group} `}COMMAND --help says more. Words may be abbreviated. Without a terminal, or with NO_COLOR, no colours.`,
  ].join("\n");
};

const section = (style: Style, title: string, lines: readonly string[]): string =>
  lines.length === 0 ? "" : `\n${style("bold", title)}\n${lines.map((line) => `  ${line}`).join("\n")}`;

/** Two columns: the term, and what it is. */
const table = (style: Style, title: string, rows: readonly (readonly [string, string])[], width: number): string => {
  const indent = Math.min(30, Math.max(0, ...rows.map(([term]) => term.length)) + 2);
  const lines = rows.flatMap(([term, text]) => {
    const [first = "", ...more] = wrap(text, Math.max(20, width - indent - 2));
    const head = term.length + 2 > indent ? [term, " ".repeat(indent) + first] : [term.padEnd(indent) + first];
    return [...head, ...more.map((line) => " ".repeat(indent) + line)];
  });
  return section(style, title, lines);
};

/** The grammar, broken between its parts only. */
const usageLines = (spec: CommandSpec, width: number): string[] => {
  const head = `hopmark ${spec.name}`;
  const lines = [head];
  for (const part of grammarOf(spec)) {
    const last = lines.length - 1;
    const line = lines[last] ?? "";
    if (line.length + part.length + 3 <= width) lines[last] = `${line} ${part}`;
    else lines.push(`${" ".repeat(head.length)} ${part}`);
  }
  return lines;
};
