import type { CompiledProgram } from "../../compiler/program.ts";
import { UnsupportedError } from "../../errors.ts";

interface Lack {
  readonly said: RegExp;
  /** `name` is what the verifier called it. */
  readonly message: (program: string, name: string) => string;
}

const LACKS: readonly Lack[] = [
  {
    // Older kernels say `unknown func bpf_x#1` of a helper they have, but not for this type; `unknown#1` they lack.
    said: /(?:unknown func|invalid func|program of this type cannot use helper) (\S+)/,
    message: (program, name) =>
      `program ${program} calls helper ${name}, which this kernel does not ${name.startsWith("bpf_") ? "give its type" : "have"}`,
  },
  {
    said: /calling kernel function (\S+) is not allowed/,
    message: (program, name) => `program ${program} calls ${name}, which this kernel does not give its type`,
  },
  {
    said: /JIT does not support calling kernel functions?()/,
    message: (program) => `program ${program} calls kernel functions, which needs the kernel's JIT`,
  },
  {
    said: /kernel function btf_id (\d+) does not have/,
    message: (program, name) => `program ${program} calls function ${name}, which this kernel does not offer`,
  },
];

/** The error when a log says that the kernel lacks what the program calls; undefined for other refusals. */
export const unsupportedBy = (program: CompiledProgram, log: string): UnsupportedError | undefined => {
  for (const { said, message } of LACKS) {
    const found = said.exec(log);
    if (found === null) continue;
    const name = found[1] ?? "";
    return new UnsupportedError(name === "" ? "jit" : name, message(program.name, name), {
      hint: "use a newer kernel, or compile without the feature that needs it",
      cause: new Error(log),
    });
  }
  return undefined;
};
