import type { EdgeToEdge, Loss } from "../../follow/trace/loss.ts";
import type { Style } from "../framework/style.ts";
import { count } from "./quantity.ts";

/**
 * `sent 1,234 · received 1,230 · lost 4 (0.32 %)`; of numbered packets also ` · duplicated 0 · reordered 2`, of those that nodes
 * reported on ` · 1,229 joined from reports`.
 */
export const totalsLine = (
  { sent, received, lost, edgeToEdge, exports }: Pick<Loss, "sent" | "received" | "lost" | "edgeToEdge" | "exports">,
  style: Style,
): string => {
  const share = sent === null || sent === 0 || lost === null ? "" : ` (${((lost / sent) * 100).toFixed(2)} %)`;
  const lostText =
    lost === 0 ? style("green", "lost 0") : style(lost === null ? "dim" : "red", `lost ${count(lost)}${share}`);
  return `sent ${count(sent)} · received ${count(received)} · ${lostText}${numbersText(edgeToEdge, style)}${exports === null ? "" : ` · ${count(exports.joined)} joined from reports`}`;
};

const numbersText = (numbers: EdgeToEdge | null, style: Style): string => {
  if (numbers === null) return "";
  const part = (name: string, value: number): string =>
    ` · ${value === 0 ? `${name} 0` : style("yellow", `${name} ${count(value)}`)}`;
  const { duplicated, reordered, late } = numbers;
  return part("duplicated", duplicated) + part("reordered", reordered) + (late === 0 ? "" : part("late", late));
};

/** What did not go the ordinary way; empty when all did. */
export const reasonsLine = (reasons: Readonly<Record<string, number>>, style: Style): string =>
  Object.entries(reasons)
    .map(([name, value]) => `${style("yellow", name)} ${count(value)}`)
    .join("  ");
