import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { deviceWord, ioamRights, targetOf } from "../ioam-common.ts";

export const ioamSinkDelete = defineCommand({
  name: "ioam sink delete",
  summary: "stop ending traces on an interface",
  description: ["Packets are then delivered with the traces in them."],
  keywords: { dev: { ...deviceWord, description: "the interface that the packets come in by" } },
  options: { netns: netnsOption },
  examples: ["hopmark ioam sink delete dev h_aramis"],
  needs: ioamRights,
  run: async ({ dev, netns }, { output }) => {
    const { deleteSink } = await import("../../mark/ioam/control.ts");
    deleteSink(targetOf(dev, netns));
    output.print({ kind: "sink", device: dev }, () => `${dev}: no sink any more`);
  },
});
