/** Prints or writes what a node reports on packets that ask for it, while the command runs. */
import { ConfigError } from "../../errors.ts";
import { ExportJoiner } from "../../follow/trace/exports/export-joiner.ts";
import { exportReport } from "../../follow/trace/exports/report.ts";
import type { Output } from "../framework/output.ts";
import { untilEnd } from "../live/end.ts";
import { exportersIn, openExports, type ExportReaders } from "../live/open-exports.ts";
import { exportObject, exportText } from "./export-text.ts";
import { writeReports } from "./write-reports.ts";

export interface ExportOptions {
  /** All that export without it. */
  readonly device: string | undefined;
  readonly netns: string | undefined;
  readonly seconds: number | undefined;
  /** The file that reports are written to, in place of a line each; `-` is standard output. */
  readonly write: string | undefined;
}

const SETTLE_MS = 100;

/** Reads the rings of a node's exporters, as their only reader. */
export const runExport = async (
  { device, netns, seconds, write }: ExportOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> => {
  const readers = openExports(device === undefined ? allExporters(netns) : [device], netns);
  try {
    if (readers.discarded > 0) output.note(`${readers.discarded} reports that an earlier reader left are dropped`);
    if (write === undefined) await printReports(readers, seconds, output, signal);
    else await writeReports(readers, { netns, seconds, write }, output, signal);
  } finally {
    readers.close();
  }
};

const printReports = async (
  readers: ExportReaders,
  seconds: number | undefined,
  output: Output,
  signal: AbortSignal,
): Promise<void> => {
  const names = new Map(readers.devices.map(({ index, name }) => [index, name]));
  const joiner = new ExportJoiner({
    onPacket: (packet) => {
      for (let hop = 0; hop < packet.hops; hop++) {
        const report = exportReport(packet.bytes, packet.offset(hop));
        if (report === null) continue;
        const [facts, name] = [packet.facts(hop), names.get(report.ifindex)];
        output.print(exportObject(name ?? String(report.ifindex), report, facts), exportText);
      }
    },
  });
  const take = (bytes: Uint8Array, offset: number): void => joiner.take(bytes, offset, 0, performance.now());
  const watch = readers.watch(take, () => {});
  const timer = setInterval(() => joiner.settle(performance.now()), SETTLE_MS);
  try {
    await untilEnd(signal, seconds);
    watch.close();
    readers.poll(take);
    joiner.flush();
  } finally {
    clearInterval(timer);
  }
};

const allExporters = (netns: string | undefined): string[] => {
  const devices = exportersIn(netns);
  if (devices.length > 0) return devices;
  throw new ConfigError(`nothing exports ${netns === undefined ? "here" : `in ${netns}`}`, {
    hint: "let an interface: hopmark ioam export add dev DEVICE; or name its namespace with --netns",
  });
};
