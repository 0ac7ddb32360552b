import { defineCommand } from "../framework/command.ts";
import { oneOf, seconds } from "../framework/values.ts";

const transits = ["hopmark", "kernel"] as const;
// Not in the table: inference of its type stops at a call of a generic function.
const readTransit = oneOf(...transits);

export const demo = defineCommand({
  name: "demo",
  summary: "the three-node IOAM lab, live: every packet's path, taken down at the end",
  description: [
    "Builds three nodes as network namespaces, athos - porthos - aramis. Packets from athos to aramis get an IOAM trace, which every node fills in; aramis takes it off and shows what it says: nodes, interfaces, times, delays, queues. The programs that do it are compiled from TypeScript when they are attached. Several demos can run side by side, and nothing is left behind.",
  ],
  options: {
    seconds: { flag: "--seconds", value: "N", description: "end after so long; else Ctrl-C ends it", read: seconds },
    transit: {
      flag: "--transit",
      value: transits.join("|"),
      description: "who fills in traces on porthos: Hopmark's programs (the default), or the kernel's own IOAM",
      complete: transits,
      read: readTransit,
    },
    lines: { flag: "--lines", description: "print a line a packet, in place of the picture" },
  },
  examples: ["hopmark demo", "hopmark demo --transit kernel --seconds 10", "hopmark demo --json | head -3"],
  needs: ["CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_BPF"],
  run: async ({ seconds: time, transit, lines }, { output, signal }) => {
    const { runDemo } = await import("../demo/run-demo.ts");
    await runDemo({ transit: transit ?? "hopmark", seconds: time, lines }, output, signal);
  },
});
