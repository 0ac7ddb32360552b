import { readFileSync } from "node:fs";
import { ConfigError } from "../../errors.ts";
import type { Context } from "../framework/command.ts";
import type { Style, StyleName } from "../framework/style.ts";
import { CONFIGURATION } from "./install.ts";
import { restoreLines, type RestoredLine } from "./restore-lines.ts";

export interface RestoreInput {
  readonly file: string | undefined;
  readonly netns: string | undefined;
  readonly waitMs: number;
}

/** Whether every line is in force now. */
export const runRestore = async (
  { file = CONFIGURATION, netns, waitMs }: RestoreInput,
  context: Context,
): Promise<boolean> => {
  const results = await restoreLines({ text: read(file), file, netns, waitMs }, context);
  const ok = results.every(({ result }) => result !== "failed");
  context.output.print({ ok, lines: results }, ({ lines }, style) =>
    lines.map((line) => lineText(line, style)).join("\n"),
  );
  return ok;
};

const read = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const hint =
      file === CONFIGURATION
        ? "write it first: hopmark persist install"
        : "hopmark persist prints what belongs into it";
    throw new ConfigError(`cannot read ${file}`, { cause, hint });
  }
};

const colours: Readonly<Record<RestoredLine["result"], StyleName>> = {
  made: "green",
  "there already": "dim",
  failed: "red",
};

const lineText = ({ text, result, notes }: RestoredLine, style: Style): string =>
  [
    `${style(colours[result], result.padEnd("there already".length))}  ${text}`,
    ...notes.map((note) => `  ${note}`),
  ].join("\n");
