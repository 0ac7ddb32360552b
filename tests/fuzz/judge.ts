/** One program, judged: do the kernel and V8 agree on every input? */
import { KernelLacksError } from "../../src/bpf/verifier/unsupported.ts";
import { VerifierError } from "../../src/bpf/verifier/error.ts";
import { possibleCpus } from "../../src/bpf/maps/possible-cpus.ts";
import { compile } from "../../src/compiler/compile.ts";
import { CompileError } from "../../src/compiler/diagnostics.ts";
import { mapsOf, withTails } from "../../src/compiler/tails.ts";
import { HopmarkError } from "../../src/errors.ts";
import type { MapDescriptor } from "../../src/kernel/maps.ts";
import { encodeLayout, readLayout } from "../../src/wire/codec.ts";
import { environment, runInKernel, type Prefill } from "./in-kernel.ts";
import { runInV8, untouched } from "./in-v8.ts";
import type { Input } from "./inputs.ts";
import type { KernelModule } from "./load-module.ts";
import { firstDifference, type Difference, type Outcome } from "./outcome.ts";
import { Random } from "./random.ts";

export type Verdict =
  | { readonly kind: "agree"; readonly outcome: Outcome; readonly instructions: number }
  /** The language refuses it: no fault. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  | { readonly kind: "failed"; readonly failure: Failure };

export type Failure =
  | { readonly kind: "mismatch"; readonly difference: Difference }
  /** The kernel's verifier refused what compiled; or it gave up. */
  | { readonly kind: "verifier" | "too-complex"; readonly message: string; readonly log: string }
  /** Something threw that should not: the compiler, the loader, or the program in V8. */
  | { readonly kind: "compiler" | "kernel" | "v8"; readonly message: string };

/** Judges a module. `stream` seeds what the maps hold beforehand; without it they start empty. */
export const judge = (module: KernelModule, inputs: readonly Input[], cpu: number, stream: number | null): Verdict => {
  let compiled;
  try {
    compiled = compile(module.program, { environment });
  } catch (error) {
    if (error instanceof CompileError) {
      return { kind: "refused", code: error.diagnostics[0]?.code ?? "", message: error.message };
    }
    if (error instanceof HopmarkError && limits.has(error.code)) {
      return { kind: "refused", code: error.code, message: error.message };
    }
    return failed("compiler", error);
  }
  const prefill: Prefill = stream === null ? new Map() : prefillOf(module, stream);
  const cpus = possibleCpus();
  let kernel: Outcome;
  try {
    kernel = runInKernel(compiled, module, inputs, cpu, prefill);
  } catch (error) {
    // An older kernel: what it lacks is no fault of the program.
    if (error instanceof KernelLacksError)
      return { kind: "refused", code: error.diagnostic.code, message: error.message };
    if (!(error instanceof VerifierError)) return failed("kernel", error);
    const isTooMuch = error.errno === "E2BIG" || /too large|too complex/i.test(error.message);
    const kind = isTooMuch ? "too-complex" : "verifier";
    return { kind: "failed", failure: { kind, message: error.message, log: error.log } };
  }
  const used = new Set(mapsOf(withTails([compiled])));
  const maps = new Map(kernel.maps);
  for (const map of module.maps) if (!used.has(map)) maps.set(map.name, untouched(map, cpus, prefill));
  let v8: Outcome;
  try {
    v8 = runInV8(module, inputs, cpu, cpus, prefill);
  } catch (error) {
    if (error instanceof HopmarkError && error.code === "not-simulated") {
      return { kind: "refused", code: "not-simulated", message: error.message };
    }
    return failed("v8", error);
  }
  const difference = firstDifference({ runs: kernel.runs, maps }, v8);
  if (difference !== null) return { kind: "failed", failure: { kind: "mismatch", difference } };
  return { kind: "agree", outcome: v8, instructions: compiled.code.instructions.length / 8 };
};

/** Programs may be too large for the kernel; that is said in these words. */
const limits = new Set(["stack-too-large", "function-too-large"]);

const failed = (kind: "compiler" | "kernel" | "v8", error: unknown): Verdict => ({
  kind: "failed",
  failure: { kind, message: error instanceof Error ? (error.stack ?? error.message) : String(error) },
});

/** Random elements for half of the maps, and values for some variables. */
const prefillOf = (module: KernelModule, stream: number): Prefill => {
  const random = new Random(stream, 0x70726566);
  const prefill = new Map<KernelModule["maps"][number], [Uint8Array, Uint8Array][]>();
  for (const map of module.maps) {
    if (random.chance(map.initial === undefined ? 0.5 : 0.7)) continue;
    const isArray = map.type === "array" || map.type === "percpu_array" || map.type === "devmap";
    const elements: [Uint8Array, Uint8Array][] = [];
    for (let index = 0; index < Math.min(map.entries, 4); index++) {
      const key = new Uint8Array(map.keySize);
      if (map.type === "lpm_trie") {
        // Bits that count, of bytes that programs look for.
        key.set([random.below((map.keySize - 4) * 8 - 7)]);
        key.set(random.chance(0.5) ? random.bytes(1) : [random.pick([0, 10, 192])], 4);
      } else if (isArray || random.chance(0.7)) key[0] = index;
      else key.set(random.bytes(1), map.keySize - 1);
      elements.push([key, map.type === "devmap" || map.type === "devmap_hash" ? LOOPBACK : randomValue(random, map)]);
    }
    prefill.set(map, elements);
  }
  return prefill;
};

/** The one interface that every network namespace has, as a table of interfaces takes it. */
const LOOPBACK = Uint8Array.of(1, 0, 0, 0);

/** Holes are zero, as everything that writes values leaves them. */
const randomValue = (random: Random, { valueLayout, valueSize }: MapDescriptor): Uint8Array => {
  const bytes = random.bytes(valueSize);
  return valueLayout === null ? bytes : encodeLayout(valueLayout, readLayout(valueLayout, bytes, 0));
};

/** A word for the failure by which its reductions are known: what went wrong, without names and numbers. */
export const signatureOf = (failure: Failure): string => {
  if (failure.kind === "mismatch") return "mismatch";
  const [first = ""] = failure.message.split("\n");
  const said = failure.kind === "verifier" ? first.slice(first.indexOf("refused program") + 15) : first;
  return `${failure.kind}: ${said.replaceAll(/\d+/g, "#")}`;
};
