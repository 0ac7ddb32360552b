/** What was done to packets, for people. */
import type { HarmReport } from "../../lab/impair/hit-list.ts";
import type { ImpairReport } from "../../lab/impair/start.ts";
import type { Style } from "../framework/style.ts";
import { count } from "../picture/quantity.ts";

const MOST_RANGES = 12;

export const impairText = (report: ImpairReport, style: Style): string => {
  const { device, direction, hook, seed, matched, relay } = report;
  const lines = [
    `${style("bold", device)} ${direction} at ${hook}, seed ${seed}: ${count(matched)} packets`,
    ...(["loss", "duplicate", "reorder", "delay"] as const).flatMap((name) => harmLines(names[name], report[name])),
  ];
  if (relay !== null) {
    lines.push(`  waiting ${count(relay.waiting)}, sent ${count(relay.sent)}`);
    if (relay.epochs !== null) lines.push(`  epochs  ${relay.epochs.map(count).join(", ")}`);
    if (relay.overflow > 0) lines.push(`  dropped ${count(relay.overflow)}: more waited than --limit lets wait`);
    if (relay.failed > 0) lines.push(`  ${count(relay.failed)} lost: the interface did not take them back`);
    if (relay.waitedTooLong > 0) lines.push(`  ${count(relay.waitedTooLong)} went on because no later ones came`);
  }
  if (report.unlisted > 0) lines.push(`  ${count(report.unlisted)} hit that the lists do not show: too many at once`);
  if (report.notCopied > 0) lines.push(`  ${count(report.notCopied)} not doubled: the kernel had no room for the copy`);
  if (report.notHeld > 0) lines.push(`  ${count(report.notHeld)} went on at once: too many were to wait`);
  return lines.join("\n");
};

const names = { loss: "lost", duplicate: "doubled", reorder: "reordered", delay: "delayed" } as const;

const harmLines = (name: string, { packets, indices, complete }: HarmReport): string[] => {
  if (packets === 0) return [];
  const shown = indices
    .slice(0, MOST_RANGES)
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  const more = indices.length > MOST_RANGES || !complete ? " …" : "";
  return [`  ${name.padEnd(9)} ${count(packets)}: ${shown.join(" ")}${more}`];
};
