import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { seconds } from "../framework/values.ts";
import { deviceWord, ioamRights } from "../ioam-common.ts";

export const ioamExport = defineCommand({
  name: "ioam export",
  summary: "print what this node reports on packets that ask for it, a line a packet",
  description: [
    "Reads what `hopmark ioam export add` collects: one report of what was known when a packet came and when it left, half a second after the first of them. With it are the flow id and the sequence number that the packet carries: by them the reports of several nodes can be joined, as hopmark trace does.",
    "Interfaces whose reports are not read count them as idle. Each has one reader.",
    "With -w it writes them for `hopmark trace --reports`, which joins what several machines write, as it comes through pipes, or later from files.",
  ],
  keywords: {
    dev: { ...deviceWord, description: "this interface alone; by default all that export", optional: true },
  },
  options: {
    netns: netnsOption,
    seconds: { flag: "--seconds", value: "N", description: "end after so long; else Ctrl-C ends it", read: seconds },
    write: {
      flag: "--write",
      short: "-w",
      value: "FILE",
      description: "write the reports to this file, for hopmark trace --reports; - is standard output",
      complete: "file",
    },
  },
  examples: [
    "hopmark ioam export --json",
    "hopmark ioam export dev h_porthos_a",
    "hopmark ioam export -w porthos.reports",
  ],
  needs: ioamRights,
  run: async ({ dev, netns, seconds: time, write }, { output, signal }) => {
    const { runExport } = await import("../export/run-export.ts");
    await runExport({ device: dev, netns, seconds: time, write }, output, signal);
  },
});
