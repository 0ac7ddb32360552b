import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { deviceWord, ioamRights, targetOf } from "../ioam-common.ts";

export const ioamTransitAdd = defineCommand({
  name: "ioam transit add",
  summary: "fill in the traces of packets that come in by an interface",
  description: [
    "Programs at tc write this node's data when a packet comes in, and complete egress id, queue depth and transit delay when it leaves by an interface with transit too. The rules are those of the kernel's own IOAM, which must be off on the interface. Ids and namespaces are those that the kernel holds: sysctl ioam6_id and hopmark ioam namespace.",
  ],
  keywords: { dev: { ...deviceWord, description: "the interface that the packets come in by" } },
  options: { netns: netnsOption },
  examples: ["hopmark ioam transit add dev h_porthos_a"],
  needs: ioamRights,
  run: async ({ dev, netns }, { output }) => {
    const { addTransit } = await import("../../mark/ioam/control.ts");
    addTransit(targetOf(dev, netns));
    output.print({ kind: "transit", device: dev }, () => `${dev}: transit node`);
  },
});
