import type { Style, StyleName } from "../framework/style.ts";
import { wrap } from "../framework/wrap.ts";
import type { Check, Diagnosis } from "./check.ts";

const colours: Readonly<Record<Check["status"], StyleName>> = { ok: "green", warn: "yellow", missing: "red" };

/** A line a check, by groups, with what to do beneath those that are not ok; what helps several is said once, at the end. */
export const diagnosisText = ({ ok, checks }: Diagnosis, style: Style, columns = Infinity): string => {
  const shared = sharedRemedies(checks);
  const width = Math.max(...checks.map(({ name }) => name.length));
  const groups = [...new Set(checks.map(({ group }) => group))];
  const parts = groups.map((group) => {
    const own = checks.filter((check) => check.group === group);
    return [style("bold", group), ...own.map((check) => checkText(check, width, columns, shared, style))].join("\n");
  });
  const last = ok ? style("green", "all that is needed is here") : style("red", "something that is needed is missing");
  const advice = [...shared].map(([remedy, names]) =>
    hanging(`-> ${remedy}: ${names.join(", ")}`, 3, columns)
      .map((line) => style("cyan", line))
      .join("\n"),
  );
  return [...parts, ...advice, last].join("\n\n");
};

const sharedRemedies = (checks: readonly Check[]): ReadonlyMap<string, readonly string[]> => {
  const names = new Map<string, string[]>();
  for (const { name, remedy } of checks) {
    if (remedy !== undefined) names.set(remedy, [...(names.get(remedy) ?? []), name]);
  }
  return new Map([...names].filter(([, own]) => own.length > 1));
};

const checkText = (
  { name, status, detail, remedy }: Check,
  width: number,
  columns: number,
  shared: ReadonlyMap<string, unknown>,
  style: Style,
): string => {
  const [first = "", ...more] = hanging(detail, width + 13, columns);
  const lines = [`  ${style(colours[status], status.padEnd(7))}  ${name.padEnd(width)}  ${first}`, ...more];
  if (remedy === undefined || shared.has(remedy)) return lines.join("\n");
  // A command is never broken: it is there to be copied.
  return [...lines, `${" ".repeat(11)}${style("cyan", `-> ${remedy}`)}`].join("\n");
};

/** Text whose first line starts `indent` columns to the right, and the others beneath it. */
const hanging = (text: string, indent: number, columns: number): string[] =>
  wrap(text, Math.max(20, columns - indent)).map((line, at) => (at === 0 ? line : " ".repeat(indent) + line));
