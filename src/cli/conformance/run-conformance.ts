/** The rule matrix through the kernel's own transit and through Hopmark's, and where they differ. */
import { release } from "node:os";
import { PAYLOAD, ruleGroups, type RuleCase } from "../../mark/ioam/conformance/cases.ts";
import { differencesOf, handlingOf, type Difference, type Handling } from "../../mark/ioam/conformance/compare.ts";
import { frame } from "../../mark/ioam/conformance/frames.ts";
import { knownDifference, type HopmarkNode } from "../../mark/ioam/conformance/known-differences.ts";
import type { Progress } from "../progress.ts";
import type { Undo } from "../undo.ts";
import { TransitLab, type TransitNode } from "./transit-lab.ts";

type Counts = Partial<Record<Handling, number>>;

/** One rule of the matrix. */
export interface ConformanceRule {
  readonly title: string;
  readonly packets: number;
  /** What became of them, by node. */
  readonly handled: Readonly<Record<string, Counts>>;
  /** Packets with a difference that has no reason, by node. */
  readonly unexplained: number;
}

/** A difference that was meant. */
export interface ConformanceDifference {
  readonly node: HopmarkNode;
  readonly what: string;
  readonly packets: number;
  readonly reason: string;
  /** One of them. */
  readonly example: { readonly rule: string; readonly kernel: string; readonly other: string };
}

/** A difference that nobody meant. */
export interface UnexplainedDifference extends Difference {
  readonly node: TransitNode;
  readonly rule: string;
}

export interface ConformanceReport {
  readonly kernel: string;
  readonly packets: number;
  readonly nodes: readonly TransitNode[];
  readonly rules: readonly ConformanceRule[];
  readonly differences: readonly ConformanceDifference[];
  readonly unexplained: readonly UnexplainedDifference[];
}

/** Compared with the kernel. */
const others: readonly HopmarkNode[] = ["tc", "xdp"];
const nodeNames: Readonly<Record<TransitNode, string>> = {
  nobody: "no transit",
  kernel: "the kernel's own transit",
  tc: "Hopmark's at tc",
  xdp: "Hopmark's at XDP",
};

/** IPv6 itself drops what is no list of options, and the kernel what is not aligned, whether its IOAM is on or not. */
const DISABLED = "ioam6_enabled 0, and no transit of Hopmark's";

/** What a packet of a case looks like on the wire, from its Ethernet header on. */
export const frameOfCase = ({ hopByHop, payloadLength }: RuleCase, hopLimit = 64): Uint8Array =>
  frame({
    hopByHop,
    ...(payloadLength !== undefined && { payloadLength }),
    hopLimit,
    payload: new Uint8Array(PAYLOAD).fill(0x77),
  });

/** Makes a lab, runs the matrix and returns what it showed; `undo` takes everything away again. */
export const runConformance = async (
  undo: Undo,
  progress: Progress,
  signal: AbortSignal,
): Promise<ConformanceReport> => {
  const cases = ruleGroups.flatMap(({ title, cases: own }) => own.map((one) => ({ title, name: one.name, one })));
  const frames = cases.map(({ one }) => frameOfCase(one));
  await progress.step("building a node between two ends");
  const lab = new TransitLab(`conformance-${process.pid}`);
  undo.add(() => lab.close());
  const outputs = new Map<TransitNode, (Uint8Array | null)[]>();
  for (const node of ["nobody", "kernel", ...others] as const) {
    await progress.step(`${frames.length} packets through ${nodeNames[node]}`);
    signal.throwIfAborted();
    lab.use(node);
    outputs.set(node, await lab.pass(frames, { signal }));
  }

  const of = (node: TransitNode, index: number): Uint8Array | null => outputs.get(node)?.[index] ?? null;
  const known = new Map<string, ConformanceDifference>();
  const unexplained: UnexplainedDifference[] = [];
  const explain = (node: HopmarkNode, index: number): boolean => {
    let isClean = true;
    const rule = `${cases[index]!.title}: ${cases[index]!.name}`;
    for (const difference of differencesOf(frames[index]!, of("kernel", index), of(node, index))) {
      const reason = knownDifference(difference, node)?.reason;
      if (reason === undefined) {
        unexplained.push({ node, rule, ...difference });
        isClean = false;
        continue;
      }
      const { what, kernel, other } = difference;
      const before = known.get(`${node} ${what}`);
      const example = before?.example ?? { rule, kernel, other };
      known.set(`${node} ${what}`, { node, what, packets: (before?.packets ?? 0) + 1, reason, example });
    }
    return isClean;
  };
  const ruleOf = (title: string, nodes: readonly TransitNode[], indices: readonly number[]): ConformanceRule => ({
    title,
    packets: indices.length,
    handled: Object.fromEntries(
      nodes.map((node) => [node, countHandlings(indices, frames, (index) => of(node, index))]),
    ),
    unexplained: indices.filter((index) => others.map((node) => explain(node, index)).includes(false)).length,
  });

  const rules = ruleGroups.map(({ title }) =>
    ruleOf(
      title,
      ["kernel", ...others],
      [...cases.keys()].filter((index) => cases[index]!.title === title),
    ),
  );
  const handled = countHandlings([...cases.keys()], frames, (index) => of("nobody", index));
  for (const index of cases.keys()) {
    const handling = handlingOf(frames[index]!, of("nobody", index));
    if (handling === "untouched" || handling === "dropped") continue;
    unexplained.push({
      node: "nobody",
      rule: cases[index]!.name,
      what: "handling",
      kernel: handling,
      other: "untouched",
    });
  }
  const left = (handled.untouched ?? 0) + (handled.dropped ?? 0);
  rules.push({
    title: DISABLED,
    packets: frames.length,
    handled: { nobody: handled },
    unexplained: frames.length - left,
  });
  const nodes = ["kernel", ...others] as const;
  return { kernel: release(), packets: frames.length, nodes, rules, differences: [...known.values()], unexplained };
};

const countHandlings = (
  indices: readonly number[],
  frames: readonly Uint8Array[],
  output: (index: number) => Uint8Array | null,
): Counts => {
  const counts: Counts = {};
  for (const index of indices) {
    const handling = handlingOf(frames[index]!, output(index));
    counts[handling] = (counts[handling] ?? 0) + 1;
  }
  return counts;
};
