import { recordingFormats } from "../../follow/trace/recording/format-name.ts";
import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { oneOf, seconds } from "../framework/values.ts";
import { groupings } from "../picture/grouping.ts";
import { ioamRights } from "../ioam-common.ts";

const readGrouping = oneOf(...groupings);
const readFormat = oneOf(...recordingFormats);

export const trace = defineCommand({
  name: "trace",
  summary: "show the paths and per-hop delays of packets that have traces, or that nodes report on, live",
  description: [
    "Reads the sink that `hopmark ioam sink add` set up. A trace has no sequence number: what was lost is what the encapsulating node counted less what the sink counted, so it is known only where both are in reach (--encap); or where packets are numbered (`encap add --e2e`) and the sink counts the numbers (`sink add --e2e`), also between machines, with duplicates and packets out of order.",
    "Where interfaces export (`hopmark ioam export add`), what they report is joined to paths by the packets' flow id and sequence number (Direct Export): that of the namespace, of the encapsulating node (--encap) and of --nodes. A packet waits half a second for its reports. The unit is the packet as it was numbered: pieces that it is cut into (GSO) share its number; sent, received and lost count packets of the wire.",
    "With --reports it joins what nodes of other machines report: what `hopmark ioam export -w` writes on each, through pipes as it comes, or from files. It ends with the first of them.",
    "With --kernel it reads what the kernel's own IOAM reports of the namespace (Linux 6.8): traces that are complete where they end, and as they are so far on the way. Of their packets the kernel says nothing, so there are no flows.",
    "With -w everything is recorded as well; -r reads such a recording, on any machine and without root, and gives the same report. As pcapng every trace is an IPv6 packet that Wireshark dissects; as NDJSON it is an object a line.",
  ],
  positionals: {
    device: {
      value: "DEVICE",
      description: "the sink's interface, or one that exports; by default all of both",
      complete: "device",
      optional: true,
    },
  },
  options: {
    netns: netnsOption,
    encap: {
      flag: "--encap",
      value: "NAME|PATH|PID",
      description: "the encapsulating node's network namespace, to know what was sent and lost",
      complete: "netns",
    },
    nodes: {
      flag: "--nodes",
      value: "NETNS,…",
      description: "network namespaces of further nodes whose reports are joined (hopmark ioam export add)",
      read: (text: string): string[] => text.split(",").filter((name) => name !== ""),
    },
    kernel: {
      flag: "--kernel",
      description: "follow the traces that the kernel's own IOAM fills in here, in place of a sink's",
    },
    seconds: { flag: "--seconds", value: "N", description: "end after so long; else Ctrl-C ends it", read: seconds },
    lines: { flag: "--lines", description: "print a line a packet, in place of the picture" },
    by: {
      flag: "--by",
      value: groupings.join("|"),
      description: "what the tables have a row for; by default links, and paths where there are several",
      complete: groupings,
      read: readGrouping,
    },
    summary: { flag: "--summary", description: "print nothing but what it all came to, at the end" },
    write: {
      flag: "--write",
      short: "-w",
      value: "FILE",
      description: "record everything to this file; - is standard output",
      complete: "file",
    },
    read: {
      flag: "--read",
      short: "-r",
      value: "FILE",
      description: "read this recording in place of a sink; - is standard input",
      complete: "file",
    },
    reports: {
      flag: "--reports",
      value: "FILE,…",
      description: "join what nodes wrote with hopmark ioam export -w, in place of what is here; - is standard input",
      complete: "file",
      read: (text: string): string[] => text.split(",").filter((name) => name !== ""),
    },
    format: {
      flag: "--format",
      value: recordingFormats.join("|"),
      description: "how to record; by default what the file's name ends with says it, else pcapng",
      complete: recordingFormats,
      read: readFormat,
    },
  },
  examples: [
    "hopmark trace --netns musketeers-aramis --encap musketeers-athos",
    "hopmark trace --json --seconds 10",
    "hopmark trace eth0 -w traces.pcapng",
    "hopmark trace --netns musketeers-aramis --encap musketeers-athos --nodes musketeers-porthos",
    "hopmark trace --reports athos.reports,porthos.reports,aramis.reports",
    "hopmark trace --kernel",
    "hopmark trace -r traces.pcapng --summary",
  ],
  run: async (input, { output, signal, needRights }) => {
    if (input.read === undefined && input.reports === undefined) await needRights(ioamRights);
    const { runTrace } = await import("../live/run-trace.ts");
    return runTrace(input, output, signal);
  },
});
