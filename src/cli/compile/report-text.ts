/** Compiled programs, for people. */
import { plainStyle, type Style } from "../framework/style.ts";
import { wrap } from "../framework/wrap.ts";
import { shorten } from "../picture/clip.ts";
import { columns } from "../picture/columns.ts";
import { count, duration } from "../picture/quantity.ts";
import type { LineCost } from "./line-costs.ts";
import type { MapReport, ProgramReport, VerifierReport } from "./program-report.ts";

/** A line a program, and under it what was asked to be seen of it. */
export const reportText = (reports: readonly ProgramReport[], style: Style = plainStyle, width = Infinity): string => {
  const lines = columns(reports.map((report) => summaryCells(report, style)));
  return reports
    .map((report, at) => [lines[at] ?? "", ...functionLines(report), ...details(report, style, width)].join("\n"))
    .join(reports.some(({ text, cost }) => text !== undefined || cost !== undefined) ? "\n\n" : "\n");
};

const summaryCells = (report: ProgramReport, style: Style): string[] => [
  `${isBroughtAlong(report) ? "  " : ""}${style("bold", report.name)}`,
  ...figures(report, style),
];

/** Those that a program array brings along stand under the program that calls it. */
const isBroughtAlong = (report: ProgramReport): boolean => report.export === undefined;

const figures = (
  { type, instructions, stackBytes, maps, calledThrough = [] }: ProgramReport,
  style: Style,
): string[] => [
  type,
  `${count(instructions)} instructions`,
  `${stackBytes} bytes of stack`,
  maps.length === 0 ? style("dim", "no maps") : `maps ${maps.map(mapText).join(", ")}`,
  ...(calledThrough.length === 0
    ? []
    : [`called through ${calledThrough.map(({ programArray, index }) => `${programArray}[${index}]`).join(", ")}`]),
];

/** The functions that a program calls. */
const functionLines = ({ subprograms = [] }: ProgramReport): readonly string[] =>
  columns(
    subprograms.map(({ name, instructions, stackBytes }) => [
      `  calls ${name}`,
      `${count(instructions)} instructions`,
      `${stackBytes} bytes of stack`,
    ]),
  );

const mapText = ({ name, type }: MapReport): string => (name === type ? name : `${name} (${type})`);

const details = ({ text, cost }: ProgramReport, style: Style, width: number): string[] => {
  if (text !== undefined) return ["", text.trimEnd()];
  if (cost === undefined) return [];
  return [
    ...verifierText(cost.verifier).flatMap((line) => wrap(line, width)),
    "",
    ...lineTable(cost.lines, style, width),
  ];
};

const verifierText = ({ processed, statistics, note }: VerifierReport): string[] => {
  if (processed === null) return [`the verifier's cost is not known: ${note}`];
  const walked = `the verifier processed ${count(processed)} instructions`;
  if (statistics === null) return [walked];
  const { limit, peakStates, totalStates, microseconds, stackBytes } = statistics;
  const time = microseconds === null ? "" : `, in ${duration(microseconds * 1000)}`;
  return [
    `${walked} of the ${count(limit)} it allows, and kept ${count(peakStates)} states at once, ${count(totalStates)} in all${time}`,
    ...(stackBytes.length < 2
      ? []
      : [`stack of its functions, the program's own first: ${stackBytes.join(" + ")} bytes`]),
  ];
};

/** A line a source line, file by file: functions that were inlined from other modules stand under their own. */
const lineTable = (lines: readonly LineCost[], style: Style, width: number): string[] => [
  ...[...new Set(lines.map(({ file }) => file))].flatMap((file) => [
    style("dim", shorten(`instructions  share  verified  stack  ${file}`, width)),
    ...lines.filter((line) => line.file === file).map((line) => shorten(lineText(line), width)),
  ]),
  ...(lines.length < 2 ? [] : [style("dim", totalText(lines))]),
];

/** Not of the stack: two lines may write the same bytes. */
const totalText = (lines: readonly LineCost[]): string => {
  const sum = (of: (line: LineCost) => number): number => lines.reduce((total, line) => total + of(line), 0);
  const verified = lines.some((line) => line.verified === null) ? "-" : count(sum((line) => line.verified ?? 0));
  const cells = [count(sum(({ instructions }) => instructions)).padStart(12), " 100%", verified.padStart(8)];
  return [...cells, "       in all"].join("  ");
};

const lineText = ({ instructions, share, verified, stackBytes, line, text }: LineCost): string =>
  [
    count(instructions).padStart(12),
    `${Math.round(share * 100)}%`.padStart(5),
    (verified === null ? "-" : count(verified)).padStart(8),
    (stackBytes === 0 ? "" : String(stackBytes)).padStart(5),
    `${String(line).padStart(5)} | ${text}`,
  ].join("  ");
