import { plainStyle, type Style } from "../framework/style.ts";
import type { ReferenceSection } from "./reference.ts";

/** A section for the terminal: code is indented, and stands without its fences. */
export const sectionText = ({ code, title, text }: ReferenceSection, style: Style = plainStyle): string => {
  const lines: string[] = [];
  let fence: string | null = null;
  for (const line of text.split("\n")) {
    if (line.startsWith("```")) fence = fence === null ? line.slice(3) : null;
    else if (fence === null) lines.push(line.replaceAll(/\*\*([^*]+)\*\*/g, "$1"));
    else if (line === "") lines.push("");
    else lines.push(fence === "text" ? `    ${style("red", line)}` : `    ${line}`);
  }
  return `${style("bold", `${code}: ${title}`)}\n\n${lines.join("\n")}`;
};
