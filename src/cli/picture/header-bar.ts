/** What is inserted into a packet, as a bar of one column for 4 bytes. */
import type { TracePlan } from "../../wire/ioam/plan.ts";
import type { Style } from "../framework/style.ts";

/**
 *     ▒▒▒▒▓▓▓▓▓▓▓███████▓▓▓▓▓▓▓░
 *         3      2      1
 *
 * Nodes as they lie in memory, the newest first; dots for words that stay free.
 */
export const headerBar = (plan: TracePlan, style: Style): string[] => {
  const words = plan.nodeBytes / 4;
  const written = Math.min(plan.hops, plan.roomForHops);
  const free = plan.size / 4 - written * words;
  let bar = "";
  let labels = "";
  const draw = (part: string, label: string): void => {
    bar += part;
    labels += label.padEnd([...part].length);
  };
  for (const { name, bytes } of plan.header) {
    if (name !== "trace data") draw(PADDING.has(name) ? "░".repeat(bytes / 4) : "▒".repeat(bytes / 4), "");
    else {
      draw("·".repeat(free), "");
      for (let node = written; node >= 1; node--) draw((node % 2 === 0 ? "█" : "▓").repeat(words), label(node, words));
    }
  }
  const named = labels.trimEnd();
  return [style("cyan", bar), ...(named === "" ? [] : [style("dim", named)])];
};

const PADDING: ReadonlySet<string> = new Set(["PadN"]);

/** Nothing where the number would run into its neighbour. */
const label = (node: number, words: number): string =>
  String(node).length < words || (words === 1 && node < 10) ? String(node) : "";
