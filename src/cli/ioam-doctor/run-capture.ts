import { existsSync, readFileSync } from "node:fs";
import { ConfigError } from "../../errors.ts";
import { examineCapture, type CaptureReport } from "../../mark/ioam/doctor/examine-capture.ts";
import type { Output } from "../framework/output.ts";
import type { Style } from "../framework/style.ts";
import { wrap } from "../framework/wrap.ts";
import { count } from "../picture/quantity.ts";

const WIDEST = 110;

/** Whether nothing is wrong in it. ConfigError for a file that cannot be read at all. */
export const runCapture = (file: string, output: Output): boolean => {
  const report = examineCapture(read(file));
  if (report.packets === 0 && report.stopped !== null) {
    throw new ConfigError(`${file}: ${report.stopped}`, { hint: "give a pcap or pcapng file" });
  }
  output.print(report, (value, style) => captureText(value, style, output.columns));
  return report.ok;
};

const read = (file: string): Uint8Array => {
  try {
    return readFileSync(file);
  } catch (cause) {
    const missing = existsSync(file) ? "" : ": there is no such file";
    throw new ConfigError(`cannot read ${file}${missing}`, { cause });
  }
};

const captureText = (report: CaptureReport, style: Style, width: number): string => {
  const lines = report.findings.flatMap(({ rule, node, message, remedy, packets, first }) => [
    `${style("red", "✗")} ${style("bold", node)}  ${count(packets)} ${packets === 1 ? "packet" : "packets"}, the first is number ${first}`,
    ...wrap(`${rule}: ${message}`, Math.min(width, WIDEST) - 4).map((line) => `    ${style("red", line)}`),
    ...(remedy === null ? [] : [`    ${style("cyan", `-> ${remedy}`)}`]),
    "",
  ]);
  const all = `${count(report.packets)} packets, ${count(report.traces)} with a trace`;
  const stopped = report.stopped === null ? "" : `; ${report.stopped}`;
  const verdict =
    report.traces === 0
      ? style("yellow", "nothing to judge; tcpdump's filter for packets that may have one: ip6 proto 0")
      : report.findings.length === 0
        ? style("green", "nothing is wrong with the traces")
        : style("red", `${report.findings.length} wrong`);
  return [...lines, `${all}: ${verdict}${stopped}`].join("\n");
};
