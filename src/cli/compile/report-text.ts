/** Compiled programs, for people. */
import { plainStyle, type Style } from "../framework/style.ts";
import { columns } from "../picture/columns.ts";
import { count } from "../picture/quantity.ts";
import type { LineCost } from "./line-costs.ts";
import type { MapReport, ProgramReport } from "./program-report.ts";

/** A line a program, and under it what was asked to be seen of it. */
export const reportText = (reports: readonly ProgramReport[], style: Style = plainStyle): string => {
  const lines = columns(reports.map((report) => summaryCells(report, style)));
  return reports
    .map((report, at) => [lines[at] ?? "", ...details(report, style)].join("\n"))
    .join(reports.some(({ text, cost }) => text !== undefined || cost !== undefined) ? "\n\n" : "\n");
};

const summaryCells = ({ name, type, instructions, stackBytes, maps }: ProgramReport, style: Style): string[] => [
  style("bold", name),
  type,
  `${count(instructions)} instructions`,
  `${stackBytes} bytes of stack`,
  maps.length === 0 ? style("dim", "no maps") : `maps ${maps.map(mapText).join(", ")}`,
];

const mapText = ({ name, type }: MapReport): string => (name === type ? name : `${name} (${type})`);

const details = ({ text, cost }: ProgramReport, style: Style): string[] => {
  if (text !== undefined) return ["", text.trimEnd()];
  if (cost === undefined) return [];
  const { processed, note } = cost.verifier;
  const verifier =
    processed === null
      ? `the verifier's cost is not known: ${note}`
      : `the verifier processed ${count(processed)} instructions`;
  return [verifier, "", ...lineTable(cost.lines, style)];
};

const lineTable = (lines: readonly LineCost[], style: Style): string[] =>
  [...new Set(lines.map(({ file }) => file))].flatMap((file) => [
    style("dim", `instructions  ${file}`),
    ...lines
      .filter((line) => line.file === file)
      .map((line) => `${count(line.instructions).padStart(12)}  ${String(line.line).padStart(5)} | ${line.text}`),
  ]);
