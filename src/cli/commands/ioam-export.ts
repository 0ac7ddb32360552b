import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { seconds } from "../framework/values.ts";
import { deviceWord, ioamRights, targetOf } from "../ioam-common.ts";

export const ioamExport = defineCommand({
  name: "ioam export",
  summary: "report on packets that ask for it (Direct Export, RFC 9326), a line a report",
  description: [
    "For packets that come in by the interface with a Direct Export option of one of the node's namespaces. A report has what is known then: hop limit, ingress interface, time, namespace data, schema; and the flow id and the sequence number that its packet carries: by them the lines of several nodes can be joined. Packets stay as they are; a sink takes the option off. Nodes report while the command runs.",
  ],
  keywords: { dev: { ...deviceWord, description: "the interface that the packets come in by" } },
  options: {
    netns: netnsOption,
    seconds: { flag: "--seconds", value: "N", description: "end after so long; else Ctrl-C ends it", read: seconds },
  },
  examples: ["hopmark ioam export dev h_porthos_a --json"],
  needs: ioamRights,
  run: async ({ dev, netns, seconds: time }, { output, signal }) => {
    const { runExport } = await import("../export/run-export.ts");
    await runExport(targetOf(dev, netns), time, output, signal);
  },
});
