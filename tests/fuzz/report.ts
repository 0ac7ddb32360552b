/** A failure in words: the reduced program, the input, both results. */
import type { Input } from "./inputs.ts";
import type { Failure } from "./judge.ts";
import { toHex } from "./hex.ts";
import type { FailureReport, Summary } from "./session.ts";

export const formatFailure = ({ seed, index, failure, reduced, inputs }: FailureReport): string =>
  [
    `program ${index} of seed ${seed}: ${titles[failure.kind]}`,
    "",
    reduced.trim(),
    "",
    ...inputs.map(formatInput),
    ...formatResult(failure),
    `again: npm run fuzz -- --seed ${seed} --only ${index}`,
  ].join("\n");

const titles: Readonly<Record<Failure["kind"], string>> = {
  mismatch: "the kernel and V8 disagree",
  verifier: "the kernel's verifier refuses what the compiler made",
  "too-complex": "the program is more than the verifier will look at",
  compiler: "the compiler failed",
  kernel: "the kernel did not take or run the program",
  v8: "the program failed in V8",
};

const formatInput = ({ packet, surroundings, skb }: Input, index: number): string =>
  `input ${index}: packet ${toHex(packet)}\n  ${[...Object.entries(skb), ...Object.entries(surroundings)]
    .filter(([, value]) => typeof value !== "object")
    .map(([name, value]) => `${name} ${value}`)
    .join(", ")}`;

const formatResult = (failure: Failure): string[] => {
  if (failure.kind === "mismatch") {
    const { input, what, kernel, v8 } = failure.difference;
    return [`${what}${input === -1 ? "" : ` of input ${input}`}`, `  kernel: ${kernel}`, `  V8:     ${v8}`];
  }
  const log = "log" in failure ? failure.log.split("\n").slice(-LOG_LINES).join("\n") : "";
  return [failure.message, log];
};

const LOG_LINES = 40;

/** `N programs, M inputs, 0 mismatches`. */
export const formatSummary = ({ programs, inputs, failures }: Summary): string =>
  `${programs} programs, ${inputs} inputs, ${failures} mismatch${failures === 1 ? "" : "es"}`;

/** What was refused, and how large the programs were. */
export const formatDetails = ({ programs, refused, tooComplex, instructions }: Summary): string => {
  const total = [...refused.values()].reduce((sum, count) => sum + count, 0);
  const share = programs === 0 ? 0 : (100 * total) / programs;
  const codes = [...refused].toSorted((a, b) => b[1] - a[1]).map(([code, count]) => `${code} ${count}`);
  const ran = Math.max(programs - total - tooComplex, 1);
  return [
    `refused by the language: ${total} (${share.toFixed(1)} %)${codes.length === 0 ? "" : `: ${codes.join(", ")}`}`,
    `too complex for the verifier: ${tooComplex}`,
    `instructions a program: ${Math.round(instructions / ran)}`,
  ].join("\n");
};
