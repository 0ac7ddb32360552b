import type { Style } from "../framework/style.ts";
import { columns } from "../picture/columns.ts";
import { count } from "../picture/quantity.ts";
import type { MarkCounts } from "./pval-lab.ts";

/** What became of one kind of traffic. */
export interface Sent extends MarkCounts {
  readonly kind: string;
  /** Marked on the left, and never stripped on the right. */
  readonly lost: number;
  /** What the receiving side got, for people. */
  readonly arrived: string;
  /** Everything arrived, each packet with a mark of its own. */
  readonly whole: boolean;
}

export interface DemoReport {
  readonly type: "summary";
  readonly sent: readonly Sent[];
  /** What the kernels of both nodes counted. */
  readonly kernel: Readonly<Record<string, number>>;
  readonly whole: boolean;
}

const HEAD = ["", "packets", "marked", "stripped", "lost", "arrived"];

export const demoText = ({ sent, kernel, whole }: DemoReport, style: Style): string => {
  const rows = sent.map(({ kind, packets, marked, stripped, lost, arrived }) => [
    kind,
    ...[packets, marked, stripped, lost].map(count),
    arrived,
  ]);
  const [head = "", ...lines] = columns([HEAD, ...rows], [1, 2, 3, 4]);
  return [
    "left pval0@h_left ──────── h_right right: left marks, right takes marks off",
    "",
    style("dim", head),
    ...lines.map((line, at) => (sent[at]?.whole === true ? line : style("red", line))),
    "",
    Object.entries(kernel)
      .map(([name, value]) => `${name} ${value}`)
      .join("  "),
    whole
      ? style("green", "nothing lost, nothing damaged, a mark for each packet")
      : style("red", "not all is as it should be"),
  ].join("\n");
};
