/** A conformance report, for people: a line a rule, then where the nodes differ and why. */
import type { Style } from "../framework/style.ts";
import { wrap } from "../framework/wrap.ts";
import { columns } from "../picture/columns.ts";
import type { ConformanceReport, ConformanceRule, UnexplainedDifference } from "./run-conformance.ts";
import type { TransitNode } from "./transit-lab.ts";

const WIDEST = 100;
/** Of differences that nobody meant; all are in the JSON. */
const MOST_SHOWN = 20;

const names: Readonly<Record<TransitNode, string>> = {
  nobody: "nobody",
  kernel: "kernel",
  tc: "Hopmark at tc",
  xdp: "Hopmark at XDP",
};

export const conformanceText = (report: ConformanceReport, style: Style, width: number): string => {
  const wide = Math.min(width, WIDEST);
  const paragraph = (text: string): string[] => wrap(text, wide - 4).map((line) => `    ${line}`);
  return [
    style("bold", `${report.packets} packets through IOAM transit, kernel ${report.kernel}`),
    "",
    ...table(report, style),
    "",
    style("bold", "differences that are meant"),
    ...report.differences.flatMap(({ node, what, packets, reason, example }) => [
      `  ${what}, ${names[node]}: ${packets} packets, as ${example.other} where the kernel has ${example.kernel}`,
      ...paragraph(reason),
    ]),
    ...(report.unexplained.length === 0 ? [] : ["", ...unexplained(report.unexplained, style)]),
    "",
    verdict(report, style),
  ].join("\n");
};

const table = (report: ConformanceReport, style: Style): string[] => {
  const head = ["rule", "packets", "what became of them", ""].map((cell) => style("bold", cell));
  const rows = report.rules.map((rule) => [rule.title, String(rule.packets), handledText(rule), sameText(rule, style)]);
  return columns([head, ...rows], [1]).map((line) => `  ${line}`);
};

/** What the kernel did, and what others did where that is something else. */
const handledText = ({ handled }: ConformanceRule): string => {
  const texts = Object.entries(handled).map(([node, counts]) => ({
    node,
    text: Object.entries(counts)
      .map(([handling, count]) => `${handling} ${count}`)
      .join(", "),
  }));
  const [first, ...rest] = texts;
  const otherwise = rest.filter(({ text }) => text !== first?.text);
  return [first?.text ?? "", ...otherwise.map(({ node, text }) => `${node}: ${text}`)].join("; ");
};

const sameText = ({ unexplained: differ }: ConformanceRule, style: Style): string =>
  differ === 0 ? style("green", "same") : style("red", `${differ} differ`);

const unexplained = (all: readonly UnexplainedDifference[], style: Style): string[] => [
  style("bold", "differences without a reason"),
  ...all
    .slice(0, MOST_SHOWN)
    .map(({ node, rule, what, kernel, other }) =>
      style("red", `  ${rule}: ${what} is ${kernel} of the kernel, ${other} of ${names[node]}`),
    ),
  ...(all.length > MOST_SHOWN ? [`  and ${all.length - MOST_SHOWN} more: --json lists them`] : []),
];

const verdict = ({ unexplained: all, packets }: ConformanceReport, style: Style): string =>
  all.length === 0
    ? style("green", `all ${packets} packets come out alike, but for what is meant`)
    : style("red", `${all.length} differences have no reason`);
