import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { deviceWord, ioamRights, targetOf } from "../ioam-common.ts";

export const ioamSinkAdd = defineCommand({
  name: "ioam sink add",
  summary: "end traces on an interface: complete, report and strip them",
  description: [
    "The packets are delivered as they were before a trace was inserted. hopmark trace shows what the traces said; without a reader they are counted only.",
  ],
  keywords: { dev: { ...deviceWord, description: "the interface that the packets come in by" } },
  options: { netns: netnsOption },
  examples: ["hopmark ioam sink add dev h_aramis"],
  needs: ioamRights,
  run: async ({ dev, netns }, { output }) => {
    const { addSink } = await import("../../mark/ioam/control.ts");
    addSink(targetOf(dev, netns));
    output.print({ kind: "sink", device: dev }, () => `${dev}: sink`);
  },
});
