import type { Loss } from "../../follow/trace/loss.ts";
import type { Style } from "../framework/style.ts";
import { count } from "./quantity.ts";

/** `sent 1,234 · received 1,230 · lost 4 (0.32 %)` */
export const totalsLine = (
  { sent, received, lost }: Pick<Loss, "sent" | "received" | "lost">,
  style: Style,
): string => {
  const share = sent === null || sent === 0 || lost === null ? "" : ` (${((lost / sent) * 100).toFixed(2)} %)`;
  const lostText =
    lost === 0 ? style("green", "lost 0") : style(lost === null ? "dim" : "red", `lost ${count(lost)}${share}`);
  return `sent ${count(sent)} · received ${count(received)} · ${lostText}`;
};

/** What did not go the ordinary way; empty when all did. */
export const reasonsLine = (reasons: Readonly<Record<string, number>>, style: Style): string =>
  Object.entries(reasons)
    .map(([name, value]) => `${style("yellow", name)} ${count(value)}`)
    .join("  ");
