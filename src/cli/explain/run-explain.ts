import { ConfigError } from "../../errors.ts";
import type { Output } from "../framework/output.ts";
import { readReference } from "./reference.ts";
import { sectionText } from "./section-text.ts";

/** Prints the section of one number, or the titles of all. */
export const runExplain = (number: string | undefined, output: Output): void => {
  const sections = readReference();
  if (number === undefined) {
    const titles = sections.map(({ code, title }) => ({ code, title }));
    output.print(titles, (all, style) => all.map(({ code, title }) => `${style("bold", code)}  ${title}`).join("\n"));
    return;
  }
  const code = number.toUpperCase().replace(/^(?=\d)/, "HM");
  const section = sections.find((candidate) => candidate.code === code);
  if (section === undefined) {
    throw new ConfigError(`there is no diagnostic ${number}`, { hint: "hopmark explain lists all numbers" });
  }
  output.print(section, sectionText);
};
