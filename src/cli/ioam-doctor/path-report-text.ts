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
  const shown = new Set<Finding>();
  const own = pathLines(report.path, report, shown, style, width);
  const beyond = report.complete ? [] : [style("dim", "┊"), style("dim", `? ${report.to}`)];
  const others = report.otherPaths.flatMap((path) => [
    "",
    style("dim", "another way that packets may take, by its configuration:"),
    ...pathLines(path, report, shown, style, width),
  ]);
  return [...own, ...beyond, ...others, "", verdict(report, style)].join("\n");
};

/** Each finding once: at its interface, on the first path that leads over it. */
const pathLines = (
  path: readonly PathNode[],
  report: PathReport,
  shown: Set<Finding>,
  style: Style,
  width: number,
): string[] => {
  const { findings, complete } = report;
  const rows = columns(path.map((node) => nodeCells(node, report, style)));
  return path.flatMap((node, at) => {
    const last = at === path.length - 1;
    const bar = last && complete ? " " : style("dim", "│");
    const own = findings.filter((finding) => !shown.has(finding) && isOf(finding, node, report));
    for (const finding of own) shown.add(finding);
    return [
      (rows[at] ?? "").trimEnd(),
      ...own.flatMap((finding) => findingLines(finding, bar, width, style)),
      ...(last ? [] : [bar]),
    ];
  });
};

/** One at an interface that no way leads over is shown at the node. */
const isOf = ({ node, device }: Finding, place: PathNode, { path, otherPaths }: PathReport): boolean => {
  const isAt = (one: PathNode): boolean => node === one.node && (device === one.ingress || device === one.egress);
  return isAt(place) || (node === place.node && ![path, ...otherPaths].flat().some(isAt));
};

const nodeCells = (place: PathNode, report: PathReport, style: Style): string[] => {
  const { node, ingress, egress, does } = place;
  const wrong = report.findings.some((finding) => isOf(finding, place, report) && !isNote(finding));
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
  const { kind, traceType, namespaceId, size, assumed } = report.trace;
  const what = kind === "dex" ? "that asks for reports" : "with a trace";
  const trace = `type ${formatTraceType(traceType)}, namespace ${namespaceId}${kind === "dex" ? "" : `, size ${size}`}`;
  const probed = {
    null: "no packet was sent",
    true: `a packet ${what} (${trace}${assumed ? ", assumed" : ""}) came to the end and was answered`,
    false: `a packet ${what} (${trace}${assumed ? ", assumed" : ""}) was not answered`,
  }[String(report.answered) as "null" | "true" | "false"];
  const as = report.complete ? "" : ", as far as can be seen from here";
  if (report.ok) return `${style("green", `nothing is wrong${as}`)}: ${probed}`;
  const count = report.findings.filter((finding) => !isNote(finding)).length;
  if (count === 0) return style("red", probed);
  return `${style("red", `${count} ${count === 1 ? "thing is" : "things are"} wrong`)}; ${probed}`;
};
