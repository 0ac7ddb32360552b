import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { deviceWord, ioamRights, targetOf } from "../ioam-common.ts";

const keep = "leave the traces in their packets: to look on only, or when another sink follows";

export const ioamSinkAdd = defineCommand({
  name: "ioam sink add",
  summary: "end traces on an interface: complete, report and strip them",
  description: [
    "The packets are delivered as they were before a trace was inserted: without the Hop-by-Hop header and, where a tunnel to one of this node's addresses carries it, without the outer IPv6 header. hopmark trace shows what the traces said; without a reader they are counted only.",
    "Addresses that the node gets later are known from the next `hopmark ioam show` or `hopmark trace` on.",
  ],
  keywords: {
    dev: { ...deviceWord, description: "the interface that the packets come in by" },
    keep: { value: "keep", description: keep, optional: true, alone: true },
  },
  options: { keep: { flag: "--keep", description: keep }, netns: netnsOption },
  examples: ["hopmark ioam sink add dev h_aramis", "hopmark ioam sink add dev eth0 keep"],
  needs: ioamRights,
  run: async ({ dev, keep: isKeeping, netns }, { output }) => {
    const { addSink } = await import("../../mark/ioam/control.ts");
    addSink(targetOf(dev, netns), { keep: isKeeping });
    output.print({ kind: "sink", device: dev, keep: isKeeping }, () =>
      isKeeping ? `${dev}: sink, which leaves traces in their packets` : `${dev}: sink`,
    );
  },
});
