import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { deviceWord, ioamRights, targetOf } from "../ioam-common.ts";

export const ioamTransitDelete = defineCommand({
  name: "ioam transit delete",
  summary: "stop filling in traces on an interface",
  description: ["Traces then pass the node untouched."],
  keywords: { dev: { ...deviceWord, description: "the interface that the packets come in by" } },
  options: { netns: netnsOption },
  examples: ["hopmark ioam transit delete dev h_porthos_a"],
  needs: ioamRights,
  run: async ({ dev, netns }, { output }) => {
    const { deleteTransit } = await import("../../mark/ioam/control.ts");
    deleteTransit(targetOf(dev, netns));
    output.print({ kind: "transit", device: dev }, () => `${dev}: no transit node any more`);
  },
});
