import { plainStyle, type Style } from "../framework/style.ts";
import type { ReferenceSection } from "./reference.ts";

/** A section for the terminal: code is indented, stands without its fences, and is said to be wrong or right. */
export const sectionText = ({ code, title, text }: ReferenceSection, style: Style = plainStyle): string => {
  const lines: string[] = [];
  const hasMessage = /^```text$/m.test(text);
  let fence: string | null = null;
  let isPastMessage = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("```")) {
      fence = fence === null ? line.slice(3) : null;
      if (fence === "text") isPastMessage = true;
      const label = fence === "text" ? "The message:" : isPastMessage ? "Right:" : "Wrong:";
      if (fence !== null && hasMessage) lines.push(style("bold", label), "");
    } else if (fence === null) lines.push(line.replaceAll(/\*\*([^*]+)\*\*/g, "$1"));
    else if (line === "") lines.push("");
    else lines.push(fence === "text" ? `    ${style("red", line)}` : `    ${line}`);
  }
  return `${style("bold", `${code}: ${title}`)}\n\n${lines.join("\n")}`;
};
