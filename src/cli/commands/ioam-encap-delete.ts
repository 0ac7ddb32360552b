import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { deviceWord, ioamRights, targetOf } from "../ioam-common.ts";

export const ioamEncapDelete = defineCommand({
  name: "ioam encap delete",
  summary: "stop giving packets to a prefix a trace",
  description: ["Without a PREFIX, all rules of the interface go. A route whose MTU was lowered gets its own back."],
  positionals: { prefix: { value: "PREFIX", description: "as it was added", optional: true } },
  keywords: { dev: { ...deviceWord, description: "the interface that the packets leave by" } },
  options: { netns: netnsOption },
  examples: ["hopmark ioam encap delete db02::/64 dev h_athos"],
  needs: ioamRights,
  run: async ({ prefix, dev, netns }, { output }) => {
    const { deleteEncap } = await import("../../mark/ioam/control.ts");
    const removed = deleteEncap(targetOf(dev, netns), prefix);
    output.print({ kind: "encap", device: dev, removed: removed.map((rule) => rule.prefix) }, (value) =>
      value.removed.map((gone) => `${gone} dev ${dev}: no traces any more`).join("\n"),
    );
  },
});
