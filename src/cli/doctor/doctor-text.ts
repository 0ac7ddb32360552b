import type { Style, StyleName } from "../framework/style.ts";
import type { Check, Diagnosis } from "./check.ts";

const colours: Readonly<Record<Check["status"], StyleName>> = { ok: "green", warn: "yellow", missing: "red" };

/** A line a check, by groups, with what to do beneath those that are not ok. */
export const diagnosisText = ({ ok, checks }: Diagnosis, style: Style): string => {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const groups = [...new Set(checks.map(({ group }) => group))];
  const parts = groups.map((group) => {
    const own = checks.filter((check) => check.group === group);
    return [style("bold", group), ...own.map((check) => checkText(check, width, style))].join("\n");
  });
  const last = ok ? style("green", "all that is needed is here") : style("red", "something that is needed is missing");
  return [...parts, last].join("\n\n");
};

const checkText = ({ name, status, detail, remedy }: Check, width: number, style: Style): string => {
  const line = `  ${style(colours[status], status.padEnd(7))}  ${name.padEnd(width)}  ${detail}`;
  return remedy === undefined ? line : `${line}\n${" ".repeat(11)}${style("cyan", `-> ${remedy}`)}`;
};
