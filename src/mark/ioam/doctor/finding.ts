/** What `ioam doctor` finds: which rule bit, where, and what helps. */

/** Rules of the kernel's IOAM and of what carries it, by the name that `--json` shows. */
export const rules = [
  "kernel-without-ioam",
  "no-route",
  "out-of-reach",
  "link-down",
  "not-forwarding",
  "hop-limit",
  "encap-missing",
  "not-traced",
  "namespace-unknown",
  "ioam-disabled",
  "filled-twice",
  "not-filled",
  "overflow",
  "option-misaligned",
  "option-truncated",
  "node-length-wrong",
  "sink-missing",
  "mtu-too-small",
  "hop-by-hop-dropped",
  "flags-ignored",
  "lost",
  "no-answer",
] as const;

export type Rule = (typeof rules)[number];

export interface Finding {
  readonly rule: Rule;
  /** Name of the node, or of the capture. */
  readonly node: string;
  readonly device: string | null;
  /** One sentence. */
  readonly message: string;
  /** A command to type, or what to change; null when nothing is known to help. */
  readonly remedy: string | null;
  /** `configuration`: read where the kernel and Hopmark keep it; `packets`: seen on the wire. */
  readonly evidence: "configuration" | "packets";
}

/** Nothing is wrong by it: it only says how far one can see. */
export const isNote = ({ rule }: Finding): boolean => rule === "out-of-reach" || rule === "flags-ignored";

/** Rules that explain what packets show at the same node. */
const explains: Partial<Record<Rule, readonly Rule[]>> = {
  "not-filled": ["namespace-unknown", "ioam-disabled", "kernel-without-ioam", "overflow"],
  "not-traced": ["mtu-too-small", "namespace-unknown"],
  "hop-by-hop-dropped": ["not-forwarding", "no-route", "hop-limit", "link-down"],
  lost: ["not-forwarding", "no-route", "hop-limit", "link-down"],
  "no-answer": ["not-forwarding", "no-route"],
};

/**
 * The first of each rule at each node, less what another finding there explains. Of configuration, each interface's: where a path
 * may lead by several, each can be wrong.
 */
export const distinct = (findings: readonly Finding[]): Finding[] => {
  const at = (rule: Rule, node: string): number => findings.findIndex((one) => one.rule === rule && one.node === node);
  const isFirst = (finding: Finding, index: number): boolean => {
    const { rule, node, device, evidence } = finding;
    if (evidence === "packets") return at(rule, node) === index;
    return findings.findIndex((one) => one.rule === rule && one.node === node && one.device === device) === index;
  };
  return findings.filter(
    (finding, index) =>
      isFirst(finding, index) &&
      (explains[finding.rule] ?? []).every((explanation) => at(explanation, finding.node) < 0),
  );
};
