/** Options that several commands share. */
import type { OptionSpec } from "./command.ts";

export const netnsOption = {
  flag: "--netns",
  short: "-n",
  value: "NAME|PATH|PID",
  description: "work in this network namespace; everything else stays that of the caller",
  complete: "netns",
} as const satisfies OptionSpec;

/** Every command has these; the framework reads them. */
export const universalOptions = {
  json: { flag: "--json", short: "-j", description: "print JSON: one value, or one a line for streams" },
  /** Not `help`: that may be a word of a command. */
  helpFlag: { flag: "--help", short: "-h", description: "say what the command does, and end" },
} as const satisfies Record<string, OptionSpec>;
