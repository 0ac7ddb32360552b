import { formatDiagnostic, type Diagnostic } from "../../compiler/diagnostics.ts";
import type { CompiledProgram } from "../../compiler/program.ts";
import { UnsupportedError } from "../../errors.ts";
import { positionOf } from "./error.ts";
import { readVerifierLog } from "./log.ts";

/** This kernel lacks a helper or function that a program calls: a numbered diagnostic (HM1601) with the call's place. */
export class KernelLacksError extends UnsupportedError {
  readonly diagnostic: Diagnostic<"HM1601">;

  constructor(program: CompiledProgram, feature: string, lack: string, instruction: number, log = "") {
    const message = `program ${program.name} calls ${lack}; use a newer kernel, or leave out what needs it`;
    const diagnostic = { code: "HM1601", message, position: positionOf(program, instruction) } as const;
    super(feature, formatDiagnostic(diagnostic), log === "" ? {} : { cause: new Error(log) });
    this.diagnostic = diagnostic;
  }
}

interface Lack {
  readonly said: RegExp;
  /** `name` is what the verifier called it. */
  readonly lack: (name: string) => string;
}

const LACKS: readonly Lack[] = [
  {
    // Older kernels say `unknown func bpf_x#1` of a helper they have, but not for this type; `unknown#1` they lack.
    said: /(?:unknown func|invalid func|program of this type cannot use helper) (\S+)/,
    lack: (name) =>
      `helper ${name}, which this kernel does not ${name.startsWith("bpf_") ? "give programs of its type" : "have"}`,
  },
  {
    said: /calling kernel function (\S+) is not allowed/,
    lack: (name) => `${name}, which this kernel does not give programs of its type`,
  },
  {
    said: /JIT does not support calling kernel functions?()/,
    lack: () => "kernel functions, which needs the kernel's JIT",
  },
  {
    said: /kernel function btf_id (\d+) does not have/,
    lack: (name) => `function ${name}, which this kernel does not offer`,
  },
];

/** The error when a log says that the kernel lacks what the program calls; undefined for other refusals. */
export const unsupportedBy = (program: CompiledProgram, log: string): KernelLacksError | undefined => {
  for (const { said, lack } of LACKS) {
    const found = said.exec(log);
    if (found === null) continue;
    const name = found[1] ?? "";
    const { instruction = 0 } = readVerifierLog(log);
    return new KernelLacksError(program, name === "" ? "jit" : name, lack(name), instruction, log);
  }
  return undefined;
};
