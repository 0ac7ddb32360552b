/** A compiled program, as data for people and `--json`. */
import { disassemble } from "../../compiler/backend/disassemble.ts";
import { evaluateProgram } from "../../compiler/frontend/evaluate.ts";
import type { CompiledProgram } from "../../compiler/program.ts";
import { print } from "../../compiler/ssa/print.ts";
import type { ProgramType } from "../../kernel/program.ts";
import { runningKernel } from "../../bpf/btf/running-kernel.ts";
import { askVerifier, type VerifierCost } from "./ask-verifier.ts";
import { lineCosts, type LineCost } from "./line-costs.ts";
import type { Reportable, Slot } from "./reportable.ts";

export type View = "ssa" | "asm" | "cost";

export interface MapReport {
  readonly name: string;
  readonly type: string;
  readonly keyBytes: number;
  readonly valueBytes: number;
  /** Bytes of a ring buffer. */
  readonly entries: number;
}

/** What the verifier said of the whole program. */
export type VerifierReport = Omit<VerifierCost, "refusal" | "steps">;

export interface FunctionReport {
  readonly name: string;
  /** 8-byte slots. */
  readonly instructions: number;
  readonly stackBytes: number;
}

export interface ProgramReport {
  readonly name: string;
  /** Not there of a program that is loaded because a program array lists it. */
  readonly export?: string;
  readonly type: ProgramType;
  /** 8-byte slots. */
  readonly instructions: number;
  readonly stackBytes: number;
  /** Functions that it calls; their instructions are counted in its own. Not there where there are none. */
  readonly subprograms?: readonly FunctionReport[];
  /** The slots of program arrays that it is in. Not there where there are none. */
  readonly calledThrough?: readonly Slot[];
  readonly maps: readonly MapReport[];
  /** The front end's SSA, or machine code between its source lines. */
  readonly text?: string;
  readonly cost?: { readonly verifier: VerifierReport; readonly lines: readonly LineCost[] };
}

export interface Reported {
  readonly report: ProgramReport;
  readonly refusal: VerifierCost["refusal"];
}

export const reportProgram = (
  { exportName, program, compiled, calledThrough }: Reportable,
  view: View | undefined,
): Reported => {
  const report = {
    name: compiled.name,
    ...(exportName !== undefined && { export: exportName }),
    type: compiled.type,
    instructions: compiled.code.instructions.length / 8,
    stackBytes: compiled.code.stackBytes,
    ...functionReports(compiled),
    ...(calledThrough.length > 0 && { calledThrough }),
    maps: compiled.maps.map(({ name, type, keySize, valueSize, entries }) => ({
      name,
      type,
      keyBytes: keySize,
      valueBytes: valueSize,
      entries,
    })),
  };
  switch (view) {
    case undefined:
      return { report, refusal: null };
    case "ssa": {
      // Generating code uses the SSA up, so it is made again.
      const { fn, subprograms } = evaluateProgram(program, { kernelTypes: runningKernel });
      const text = [fn, ...subprograms.map((each) => each.fn)].map((each) => print(each, { source: true })).join("\n");
      return { report: { ...report, text }, refusal: null };
    }
    case "asm":
      return { report: { ...report, text: disassemble(compiled.code, { source: true }) }, refusal: null };
    case "cost": {
      const { refusal, steps, ...verifier } = askVerifier(compiled);
      return { report: { ...report, cost: { verifier, lines: lineCosts(compiled, steps) } }, refusal };
    }
  }
};

const functionReports = ({ code }: CompiledProgram): Pick<ProgramReport, "subprograms"> => {
  const { subprograms, instructions } = code;
  if (subprograms === undefined) return {};
  return {
    subprograms: subprograms.map(({ name, instruction, stackBytes }, at) => ({
      name,
      instructions: (subprograms[at + 1]?.instruction ?? instructions.length / 8) - instruction,
      stackBytes,
    })),
  };
};
