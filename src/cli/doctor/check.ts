/** One line of `hopmark doctor`. */
export interface Check {
  readonly group: "kernel" | "rights" | "file systems" | "bpf" | "ioam" | "interfaces";
  readonly name: string;
  /** `missing`: something does not work without it; `warn`: less works, or less well. */
  readonly status: "ok" | "warn" | "missing";
  readonly detail: string;
  /** What to do, when it is not ok. */
  readonly remedy?: string;
}

export interface Diagnosis {
  /** Everything that is needed is here. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

export const diagnosisOf = (checks: readonly Check[]): Diagnosis => ({
  ok: checks.every(({ status }) => status !== "missing"),
  checks,
});
