/** A number of random programs, one after another: generate, judge, count; the first failure is reduced and told. */
import { setImmediate } from "node:timers/promises";
import { randomInputs, type Input } from "./inputs.ts";
import { generateModule } from "./generate/program.ts";
import { judge, signatureOf, type Failure, type Verdict } from "./judge.ts";
import { evaluateModule } from "./load-module.ts";
import { Random } from "./random.ts";
import { reduce } from "./reduce.ts";

export interface SessionOptions {
  readonly seed: number;
  /** Numbers of the first program and of the one after the last. */
  readonly from: number;
  readonly to: number;
  /** The CPU this thread is pinned to. */
  readonly cpu: number;
  readonly inputs?: number;
  /** Time for making one failing program smaller. */
  readonly reduceMs?: number;
  /** Stop after so many failures; never without it. */
  readonly maxFailures?: number;
  readonly onProgram?: (text: string) => void;
  readonly onProgress?: (summary: Summary) => void;
  readonly onFailure?: (report: FailureReport) => void;
}

export interface Summary {
  programs: number;
  inputs: number;
  instructions: number;
  /** Programs that the language refuses, by diagnostic. */
  readonly refused: Map<string, number>;
  /** Programs that were more than the verifier would look at. */
  tooComplex: number;
  failures: number;
}

export interface FailureReport {
  readonly seed: number;
  readonly index: number;
  readonly failure: Failure;
  /** The program as generated and as reduced; the inputs that the reduced one still needs. */
  readonly text: string;
  readonly reduced: string;
  readonly inputs: readonly Input[];
}

const INPUTS = 6;
const REDUCE_MS = 30_000;

/** Now and then other tasks run: finalizers give mappings of closed rings back. */
const PROGRAMS_AT_A_TIME = 100;

export const fuzz = async (options: SessionOptions): Promise<Summary> => {
  const summary: Summary = { programs: 0, inputs: 0, instructions: 0, refused: new Map(), tooComplex: 0, failures: 0 };
  const { maxFailures = Infinity } = options;
  for (let index = options.from; index < options.to && summary.failures < maxFailures; index++) {
    const text = generateModule(options.seed, index);
    options.onProgram?.(text);
    const inputs = inputsOf(options, index);
    const verdict = judgeText(text, inputs, options.cpu, index);
    summary.programs++;
    if (verdict.kind === "agree") {
      summary.inputs += verdict.outcome.runs.length;
      summary.instructions += verdict.instructions;
    } else if (verdict.kind === "refused") {
      summary.refused.set(verdict.code, (summary.refused.get(verdict.code) ?? 0) + 1);
    } else if (verdict.failure.kind === "too-complex") summary.tooComplex++;
    else {
      summary.failures++;
      options.onFailure?.(explain(options, index, text, inputs, verdict.failure));
    }
    options.onProgress?.(summary);
    if (summary.programs % PROGRAMS_AT_A_TIME === 0) await setImmediate();
  }
  return summary;
};

export const inputsOf = ({ seed, inputs = INPUTS }: SessionOptions, index: number): Input[] =>
  randomInputs(new Random(seed ^ 0x696e7075, index), inputs);

export const judgeText = (text: string, inputs: readonly Input[], cpu: number, stream: number): Verdict =>
  judge(evaluateModule(text, "fuzz.bpf.ts"), inputs, cpu, stream);

/** Fewer inputs first, then less program. */
const explain = (
  options: SessionOptions,
  index: number,
  text: string,
  inputs: readonly Input[],
  failure: Failure,
): FailureReport => {
  const signature = signatureOf(failure);
  const failureOf = (candidate: string, with_: readonly Input[]): Failure | null => {
    try {
      const verdict = judgeText(candidate, with_, options.cpu, index);
      return verdict.kind === "failed" && signatureOf(verdict.failure) === signature ? verdict.failure : null;
    } catch {
      return null;
    }
  };
  const one = inputs.map((input) => [input]).find((single) => failureOf(text, single) !== null) ?? inputs;
  const reduced = reduce(text, (candidate) => failureOf(candidate, one) !== null, options.reduceMs ?? REDUCE_MS);
  return { seed: options.seed, index, text, reduced, inputs: one, failure: failureOf(reduced, one) ?? failure };
};
