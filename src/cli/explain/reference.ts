/** The reference of diagnostics: a page of the documentation that is part of the package, a section a number. */
import { readFileSync } from "node:fs";

/** From the sources and from the built program alike. */
export const referencePage = new URL("../../../docs/reference/diagnostics.md", import.meta.url);

export interface ReferenceSection {
  readonly code: string;
  readonly title: string;
  /** Markdown, without the heading. */
  readonly text: string;
}

const HEADING = /^## (HM\d{4}): (.*)$/gm;

export const readReference = (page: string = readFileSync(referencePage, "utf8")): ReferenceSection[] => {
  const headings = [...page.matchAll(HEADING)];
  return headings.map((heading, at) => ({
    code: heading[1] ?? "",
    title: heading[2] ?? "",
    text: page.slice(heading.index + heading[0].length, headings[at + 1]?.index).trim(),
  }));
};
