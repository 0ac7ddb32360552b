/**
 * A command is one table: parser, help, completions and the types of what `run` receives all come from it. Keep the rooms
 * that a command works with behind dynamic imports in `run`, so that help and completions start fast.
 */
import type { Capability } from "../../linux/capabilities.ts";
import { ConfigError } from "../../errors.ts";
import type { Output } from "./output.ts";

/** What the shell offers for a value. */
export type Completion = "device" | "netns" | "lab" | "file" | "command" | readonly string[];

interface Described {
  /** One sentence, without a stop. */
  readonly description: string;
  readonly complete?: Completion;
}

/** `--flag`, or `--flag VALUE` when there is a `value`. */
export interface OptionSpec extends Described {
  readonly flag: `--${string}`;
  readonly short?: `-${string}`;
  /** How help names the value: `N`, `NAME|PATH|PID`. */
  readonly value?: string;
  /** Without a value: `run` receives how often it was given. */
  readonly repeats?: true;
  /** Turns the text into what `run` receives; throws an Error that says what is wrong with it. */
  readonly read?: (text: string) => unknown;
}

/** A value that is told by its place, or, in `keywords`, by the word before it. */
export interface WordSpec extends Described {
  /** How help names it: `PREFIX`. */
  readonly value: string;
  readonly optional?: true;
  /** A keyword that stands alone, as in `sink add dev eth0 keep`: `run` receives whether it is there. */
  readonly alone?: true;
  readonly read?: (text: string) => unknown;
}

/** All that follows, untouched: the command line of another program. */
export interface RestSpec extends Described {
  readonly value: string;
}

export interface CommandSpec {
  /** As it is typed: `ioam encap add`. */
  readonly name: string;
  /** One line, lower case, without a stop. */
  readonly summary: string;
  /** Paragraphs for `--help`. */
  readonly description?: readonly string[];
  readonly positionals?: WordTable;
  /** iproute2's grammar: `dev DEVICE`, in any order; each name may be abbreviated. */
  readonly keywords?: WordTable;
  readonly rest?: RestSpec;
  /** Any number of words behind the positionals; `run` receives them as `rest`. */
  readonly words?: RestSpec;
  readonly options?: OptionTable;
  readonly examples?: readonly string[];
  /** Without these the command does nothing but say how to give them. */
  readonly needs?: readonly Capability[];
  /** It pins nothing, so that it also works where pins cannot be seen: under `ip netns exec`, in a container. */
  readonly withoutPins?: true;
}

type WordTable = Readonly<Record<string, WordSpec>>;
type OptionTable = Readonly<Record<string, OptionSpec>>;

type ReadBy<S, Otherwise> = S extends { readonly read: (text: string) => infer T } ? T : Otherwise;
type OptionValue<S> = S extends { readonly repeats: true }
  ? number
  : S extends { readonly value: string }
    ? ReadBy<S, string> | undefined
    : boolean;
type WordValue<S> = S extends { readonly alone: true }
  ? boolean
  : S extends { readonly optional: true }
    ? ReadBy<S, string> | undefined
    : ReadBy<S, string>;

/** What `run` receives: every positional, keyword and option under its key. */
export type InputOf<P, K, O> = { readonly [Key in keyof P]: WordValue<P[Key]> } & {
  readonly [Key in keyof K]: WordValue<K[Key]>;
} & { readonly [Key in keyof O]: OptionValue<O[Key]> } & { readonly rest: readonly string[] };

export interface Context {
  readonly output: Output;
  /** Aborted when it shall end: Ctrl-C, SIGTERM, the reader of standard output gone. */
  readonly signal: AbortSignal;
  /**
   * What `needs` says, for commands that know only when they run what they need. PermissionError with what to type; and what
   * `signal` is aborted with, if it is.
   */
  readonly needRights: (needs: readonly Capability[]) => Promise<void>;
}

/** The exit status; 0 when there is none. */
export type Run<Input> = (input: Input, context: Context) => Promise<number | void> | number | void;

/** What the user typed, by key, before it is read. */
export interface RawInput {
  readonly values: Readonly<Record<string, string | true>>;
  readonly rest: readonly string[];
}

export interface Command extends CommandSpec {
  readonly execute: (raw: RawInput, context: Context) => Promise<number>;
}

/** Makes a command of its table and what it does. */
export const defineCommand = <
  const P extends WordTable = {},
  const K extends WordTable = {},
  const O extends OptionTable = {},
>(
  spec: Omit<CommandSpec, "positionals" | "keywords" | "options"> & {
    readonly positionals?: P;
    readonly keywords?: K;
    readonly options?: O;
    readonly run: Run<InputOf<P, K, O>>;
  },
): Command => ({
  ...spec,
  execute: async (raw, context) => (await spec.run(readInput(spec, raw) as InputOf<P, K, O>, context)) ?? 0,
});

const readInput = (spec: CommandSpec, raw: RawInput): Readonly<Record<string, unknown>> => {
  const input: Record<string, unknown> = { rest: raw.rest };
  for (const [key, word] of Object.entries(spec.positionals ?? {}))
    input[key] = readValue(word, word.value, raw.values[key]);
  for (const [key, word] of Object.entries(spec.keywords ?? {}))
    input[key] = word.alone === true ? raw.values[key] === true : readValue(word, key, raw.values[key]);
  for (const [key, option] of Object.entries(spec.options ?? {})) {
    const value = raw.values[key];
    if (option.repeats === true) input[key] = Number(value ?? 0);
    else input[key] = option.value === undefined ? value === true : readValue(option, option.flag, value);
  }
  return input;
};

const readValue = (spec: OptionSpec | WordSpec, label: string, value: string | true | undefined): unknown => {
  if (typeof value !== "string" || spec.read === undefined) return value;
  try {
    return spec.read(value);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${label}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
};
