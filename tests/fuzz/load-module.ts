/** A `*.bpf.ts` module evaluated from its text, without a file and without an entry in the module cache. */
import * as kernel from "../../src/kernel/index.ts";
import * as wire from "../../src/wire/index.ts";
import * as source from "../../src/kernel/source.ts";
import { transformModule } from "../../src/compiler/source/transform.ts";
import { RingBuffer, type MapDescriptor } from "../../src/kernel/maps.ts";
import type { Program } from "../../src/kernel/program.ts";

/** What a fuzz program exports: `program`, and every map it uses. */
export interface KernelModule {
  readonly program: Program;
  readonly maps: readonly MapDescriptor[];
  readonly rings: readonly RingBuffer[];
}

const SOURCE = "hopmark:source";

/** Throws what the module throws, and SourceError for text that is not TypeScript. */
export const evaluateModule = (text: string, url: string): KernelModule => {
  const { code } = transformModule(text, { url, runtime: SOURCE });
  const exported: string[] = [];
  const body = code
    .replaceAll(/import\s*\{([^}]*)\}\s*from\s*"([^"]+)"/g, (_, names: string, from: string) => {
      const module = from === SOURCE ? "source" : from === "hopmark/wire" ? "wire" : "kernel";
      return `const {${names.replaceAll(/\bas\b/g, ":")}} = ${module}`;
    })
    .replaceAll(/^export const (\w+)/gm, (_, name: string) => {
      exported.push(name);
      return `const ${name}`;
    });
  const run = new Function("kernel", "wire", "source", `"use strict"; ${body}\nreturn { ${exported.join(", ")} };`); // oxlint-disable-line typescript/no-implied-eval -- the text is ours
  return kernelModuleOf(run(kernel, wire, source) as Readonly<Record<string, unknown>>);
};

/** Finds the program and the maps among a module's exports. */
export const kernelModuleOf = (exports: Readonly<Record<string, unknown>>): KernelModule => {
  const { program } = exports;
  if (!isKind<Program>(program, "program")) throw new TypeError("the module exports no program");
  const maps = Object.values(exports).filter((value) => isKind<MapDescriptor>(value, "map"));
  const rings = maps.filter((map): map is RingBuffer => map instanceof RingBuffer);
  return { program, maps: maps.filter(({ valueLayout }) => valueLayout !== null), rings };
};

const isKind = <T extends { readonly kind: string }>(value: unknown, kind: T["kind"]): value is T =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
