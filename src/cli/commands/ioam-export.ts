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
  ],
  keywords: {
    dev: { ...deviceWord, description: "this interface alone; by default all that export", optional: true },
  },
  options: {
    netns: netnsOption,
    seconds: { flag: "--seconds", value: "N", description: "end after so long; else Ctrl-C ends it", read: seconds },
  },
  examples: ["hopmark ioam export --json", "hopmark ioam export dev h_porthos_a"],
  needs: ioamRights,
  run: async ({ dev, netns, seconds: time }, { output, signal }) => {
    const { runExport } = await import("../export/run-export.ts");
    await runExport({ device: dev, netns, seconds: time }, output, signal);
  },
});
