/** The path from top to bottom, with what is wrong at the node where it is. */
import { isNote, type Finding } from "../../mark/ioam/doctor/finding.ts";
import type { PathNode, PathReport } from "../../mark/ioam/doctor/examine-path.ts";
import { formatTraceType } from "../../mark/ioam/trace-type.ts";
import type { Style } from "../framework/style.ts";
import { wrap } from "../framework/wrap.ts";
import { columns } from "../picture/columns.ts";

const WIDEST = 110;

/**
 *     ● athos    encap   out h_athos
 *     │
 *     ✗ porthos  kernel  in h_porthos_a  out h_porthos_b
 *     │   namespace-unknown: porthos does not know …
 *     │   -> hopmark ioam namespace add 123 --netns porthos
 *     │
 *     ● aramis   sink    in h_aramis
 */
export const pathReportText = (report: PathReport, style: Style, width: number): string => {
  const rows = columns(report.path.map((node) => nodeCells(node, report.findings, style)));
  const parts = report.path.map(({ node }, at) => {
    const last = at === report.path.length - 1;
    const bar = last && report.complete ? " " : style("dim", "│");
    const own = report.findings.filter((finding) => finding.node === node);
    return [
      (rows[at] ?? "").trimEnd(),
      ...own.flatMap((finding) => findingLines(finding, bar, width, style)),
      ...(last ? [] : [bar]),
    ];
  });
  const beyond = report.complete ? [] : [style("dim", "┊"), style("dim", `? ${report.to}`)];
  return [...parts.flat(), ...beyond, "", verdict(report, style)].join("\n");
};

const nodeCells = ({ node, ingress, egress, does }: PathNode, findings: readonly Finding[], style: Style): string[] => {
  const wrong = findings.some((finding) => finding.node === node && !isNote(finding));
  return [
    `${wrong ? style("red", "✗") : style("green", "●")} ${style("bold", node)}`,
    does.length === 0 ? "-" : does.join(" + "),
    [ingress === null ? [] : [`in ${ingress}`], egress === null ? [] : [`out ${egress}`]].flat().join("  "),
  ];
};

const findingLines = (finding: Finding, bar: string, width: number, style: Style): string[] => {
  const text = `${finding.rule}: ${finding.message}`;
  const lines = wrap(text, Math.max(20, Math.min(width, WIDEST) - 4)).map((line) =>
    style(isNote(finding) ? "yellow" : "red", line),
  );
  // A command is never broken: it is there to be copied.
  const remedy = finding.remedy === null ? [] : [style("cyan", `-> ${finding.remedy}`)];
  return [...lines, ...remedy].map((line) => `${bar}   ${line}`);
};

const verdict = (report: PathReport, style: Style): string => {
  const { traceType, namespaceId, size, assumed } = report.trace;
  const trace = `type ${formatTraceType(traceType)}, namespace ${namespaceId}, size ${size}`;
  const probed = {
    null: "no packet was sent",
    true: `a packet with a trace (${trace}${assumed ? ", assumed" : ""}) came to the end and was answered`,
    false: `a packet with a trace (${trace}${assumed ? ", assumed" : ""}) was not answered`,
  }[String(report.answered) as "null" | "true" | "false"];
  const as = report.complete ? "" : ", as far as can be seen from here";
  if (report.ok) return `${style("green", `nothing is wrong${as}`)}: ${probed}`;
  const count = report.findings.filter((finding) => !isNote(finding)).length;
  if (count === 0) return style("red", probed);
  return `${style("red", `${count} ${count === 1 ? "thing is" : "things are"} wrong`)}; ${probed}`;
};
