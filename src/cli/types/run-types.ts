import { kernelBtf, type KernelBtf } from "../../bpf/btf/kernel-btf.ts";
import { ConfigError } from "../../errors.ts";
import { kernelFacts } from "../../linux/kernel-facts.ts";
import type { Output } from "../framework/output.ts";
import { writeFile } from "../framework/write-file.ts";
import { findPrograms } from "../user-program/find-programs.ts";
import { loadModule } from "../user-program/load-module.ts";
import { declarations } from "./declarations.ts";
import { iteratorNames, tracepointNames } from "./kernel-names.ts";
import type { Selection } from "./reachable.ts";
import { usedBy } from "./used.ts";

export interface TypesOptions {
  /** Tracepoints, and modules that export programs. */
  readonly names: readonly string[];
  readonly iterators: readonly string[];
  readonly structures: readonly string[];
  readonly depth: number | undefined;
  readonly output: string | undefined;
  readonly list: boolean;
}

/** Writes the types of what programs see of the running kernel, or says what there is. */
export const runTypes = async (options: TypesOptions, output: Output): Promise<void> => {
  const btf = kernelBtf();
  if (options.list) return list(btf, options, output);
  const selection = await selectionOf(btf, options, output);
  const text = declarations(btf, { ...selection, command: commandOf(options), release: kernelFacts().release });
  if (options.output === undefined) return output.print({ declarations: text }, (value) => value.declarations);
  writeFile(options.output, text);
  if (output.json) output.print({ file: options.output, lines: text.split("\n").length - 1 }, () => "");
  else output.note(`wrote ${options.output}`);
};

const DEFAULT_DEPTH = 1;

const selectionOf = async (btf: KernelBtf, options: TypesOptions, output: Output): Promise<Selection> => {
  const files = options.names.filter(isFile);
  const tracepoints = options.names.filter((name) => !isFile(name));
  const { iterators, structures, depth } = options;
  if (files.length === 0 && tracepoints.length + iterators.length + structures.length === 0)
    throw new ConfigError("types: say of what: a tracepoint, or a module of programs", {
      hint: "hopmark types tcp_retransmit_skb -o kernel.d.ts; hopmark types --list says which tracepoints there are",
    });
  const modules = [];
  for (const file of files) modules.push(...findPrograms(await loadModule(file), file, undefined));
  const used = usedBy(
    modules.map(({ program }) => program),
    btf,
  );
  for (const refusal of used.refusals) if (!output.json) output.note(refusal.message);
  const whole = files.length === 0 || depth !== undefined;
  return {
    tracepoints: [...new Set([...tracepoints, ...used.tracepoints])],
    iterators: [...new Set([...iterators, ...used.iterators])],
    // As C writes them, too.
    structures: [...structures.map((name) => name.replace(/^(?:struct|union) /, "")), ...used.casts],
    depth: depth ?? DEFAULT_DEPTH,
    only: whole ? undefined : used.structures,
  };
};

const isFile = (name: string): boolean => name.endsWith(".ts");

/** As it was typed, so that it can be typed again. */
const commandOf = ({ names, iterators, structures, depth, output }: TypesOptions): string =>
  [
    "hopmark types",
    ...names,
    ...iterators.map((name) => `--iterator ${name}`),
    ...structures.map((name) => `--struct ${name}`),
    ...(depth === undefined ? [] : [`--depth ${depth}`]),
    ...(output === undefined ? [] : [`-o ${output}`]),
  ].join(" ");

const list = (btf: KernelBtf, { names }: TypesOptions, output: Output): void => {
  const isWanted = (name: string): boolean => names.length === 0 || names.some((part) => matches(part, name));
  const tracepoints = tracepointNames(btf).filter(isWanted);
  const iterators = iteratorNames(btf).filter(isWanted);
  if (tracepoints.length + iterators.length === 0 && !output.json)
    return output.note(`no tracepoint or iterator of this kernel is called so: ${names.join(" ")}`);
  output.print({ tracepoints, iterators }, () =>
    [...tracepoints, ...iterators.map((name) => `--iterator ${name}`)].join("\n"),
  );
};

/** `tcp` is found anywhere in a name; `*` stands for anything in a pattern for all of it. */
const matches = (pattern: string, name: string): boolean => {
  if (!pattern.includes("*")) return name.includes(pattern);
  const parts = pattern.split("*").map((part) => part.replaceAll(/[^\w]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
};
