import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { seconds } from "../framework/values.ts";
import { ioamRights } from "../ioam-common.ts";

export const trace = defineCommand({
  name: "trace",
  summary: "show the paths and per-hop delays of packets that a sink takes traces off, live",
  description: [
    "Reads the sink that `hopmark ioam sink add` set up. A trace has no sequence number: what was lost is what the encapsulating node counted less what the sink counted, so it is known only where both are in reach (--encap).",
  ],
  options: {
    netns: netnsOption,
    dev: {
      flag: "--dev",
      value: "DEVICE",
      description: "the sink's interface; by default the only one with a sink",
      complete: "device",
    },
    encap: {
      flag: "--encap",
      value: "NAME|PATH|PID",
      description: "the encapsulating node's network namespace, to know what was sent and lost",
      complete: "netns",
    },
    seconds: { flag: "--seconds", value: "N", description: "end after so long; else Ctrl-C ends it", read: seconds },
    lines: { flag: "--lines", description: "print a line a packet, in place of the picture" },
  },
  examples: ["hopmark trace --netns musketeers-aramis --encap musketeers-athos", "hopmark trace --json --seconds 10"],
  needs: ioamRights,
  run: async (input, { output, signal }) => {
    const { runTrace } = await import("../live/run-trace.ts");
    await runTrace(input, output, signal);
  },
});
