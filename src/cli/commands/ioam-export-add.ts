import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { deviceWord, ioamRights, targetOf } from "../ioam-common.ts";

export const ioamExportAdd = defineCommand({
  name: "ioam export add",
  summary: "report on packets that ask for it (Direct Export, RFC 9326) and pass an interface",
  description: [
    "Programs at tc note what this node knows when a packet with a Direct Export option of one of the node's namespaces comes in, and what only leaving tells (egress interface, queue depth, transit delay) where it goes out by an interface that exports, too. A node that inserts the option reports where its packets leave. Packets stay as they are; a sink takes the option off.",
    "It stays after this command ends. hopmark ioam export prints the reports, hopmark trace joins those of several nodes to paths; without a reader they are counted only. Where transit is at XDP it leaves these packets, and no others, to the stack.",
  ],
  keywords: { dev: { ...deviceWord, description: "the interface that the packets come in or go out by" } },
  options: { netns: netnsOption },
  examples: ["hopmark ioam export add dev h_porthos_a"],
  needs: ioamRights,
  run: async ({ dev, netns }, { output }) => {
    const { addExport } = await import("../../mark/ioam/control.ts");
    const { warnings } = addExport(targetOf(dev, netns));
    for (const warning of warnings) output.note(`${dev}: ${warning}`);
    output.print({ kind: "export", device: dev }, () => `${dev}: exports`);
  },
});
