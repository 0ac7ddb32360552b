/** What the compiler writes does in this kernel what it does in V8; above all, the older verifier takes it. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { kernelBtf } from "../../../src/bpf/btf/kernel-btf.ts";
import { inputOf, seenBy, type CaseModule } from "../../fuzz/case.ts";
import { judge } from "../../fuzz/judge.ts";
import { kernelModuleOf } from "../../fuzz/load-module.ts";
import { pinToOneCpu } from "../../fuzz/pin-cpu.ts";
import { formatFailure, formatSummary } from "../../fuzz/report.ts";
import { fuzz } from "../../fuzz/session.ts";
import { CASES, GUEST_ROOT } from "../places.ts";

/** Every program that once went wrong. */
export const cases = async (): Promise<string> => {
  const cpu = pinToOneCpu();
  const files = readdirSync(`${GUEST_ROOT}/${CASES}`).filter((file) => file.endsWith(".bpf.js"));
  const failures: string[] = [];
  /** Programs that this kernel is too old for. */
  const lacking: string[] = [];
  for (const file of files) {
    const module = (await import(`${GUEST_ROOT}/${CASES}/${file}`)) as CaseModule & Readonly<Record<string, unknown>>;
    const verdict = judge(kernelModuleOf(module), module.runs.map(inputOf), cpu, null);
    if (verdict.kind === "refused" && verdict.code === "HM1601") lacking.push(file);
    else if (verdict.kind !== "agree")
      failures.push(`${file}: ${verdict.kind === "failed" ? text(verdict.failure) : "refused"}`);
    else {
      const expected = { runs: module.runs.map((run) => run.expected), maps: module.maps };
      assert.deepEqual(seenBy(module, verdict.outcome), expected, file);
    }
  }
  if (failures.length > 0) throw new Error(failures.join("\n\n"));
  if (lacking.length > 0 && kernelBtf().typeId("func", "bpf_iter_num_new") !== undefined)
    throw new Error(`this kernel has what they need: ${lacking.join(", ")}`);
  return `${files.length - lacking.length} programs, and ${lacking.length} that need a newer kernel`;
};

const text = (failure: object): string => Object.values(failure).join("\n");

/** As many random ones. */
export const randomPrograms = async (count: number, seed: number): Promise<string> => {
  const failures: string[] = [];
  const summary = await fuzz({
    seed,
    from: 0,
    to: count,
    cpu: pinToOneCpu(),
    reduceMs: 10_000,
    onFailure: (report) => failures.push(formatFailure(report)),
  });
  if (failures.length > 0) throw new Error([...failures, formatSummary(summary)].join("\n\n"));
  return formatSummary(summary);
};
