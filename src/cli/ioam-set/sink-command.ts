/** `hopmark ioam sink add|change|replace`. */
import type { Verb } from "../../mark/ioam/control.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { deviceWord, ioamRights, targetOf } from "../ioam-common.ts";

const e2e = "count sequence numbers (encap add --e2e): what is lost, duplicated and reordered on the way";
const keep = "leave the traces in their packets: to look on only, or when another sink follows";

const summaries: Readonly<Record<Verb, string>> = {
  add: "end traces on an interface: complete, report and strip them",
  change: "change how a sink treats traces, while packets come",
  replace: "change a sink, or add one where there is none",
};

const descriptions: Readonly<Record<Verb, readonly string[]>> = {
  add: [
    "The packets are delivered as they were before a trace was inserted: without the Hop-by-Hop header and, where a tunnel to one of this node's addresses carries it, without the outer IPv6 header. hopmark trace shows what the traces said; without a reader they are counted only.",
    "Addresses that the node gets later are known from the next `hopmark ioam show` or `hopmark trace` on.",
  ],
  change: [
    "What is said is how the sink is from now on; what is left out is as if it were added anew. No packet is lost, counters go on, and who reads the traces goes on reading them.",
  ],
  replace: ["As `hopmark ioam sink change` where there is a sink, as `hopmark ioam sink add` where there is none."],
};

export const sinkCommand = (verb: Verb): Command =>
  defineCommand({
    name: `ioam sink ${verb}`,
    summary: summaries[verb],
    description: descriptions[verb],
    keywords: {
      dev: { ...deviceWord, description: "the interface that the packets come in by" },
      keep: { value: "keep", description: keep, optional: true, alone: true },
      e2e: { value: "e2e", description: e2e, optional: true, alone: true },
    },
    options: {
      keep: { flag: "--keep", description: keep },
      e2e: { flag: "--e2e", description: e2e },
      netns: netnsOption,
    },
    examples: [
      `hopmark ioam sink ${verb} dev h_aramis`,
      `hopmark ioam sink ${verb} dev eth0 keep`,
      `hopmark ioam sink ${verb} dev eth0 --e2e`,
    ],
    needs: ioamRights,
    run: async ({ dev, keep: isKeeping, e2e: isCounting, netns }, { output }) => {
      const { addSink } = await import("../../mark/ioam/control.ts");
      const changed = addSink(targetOf(dev, netns), { keep: isKeeping, e2e: isCounting }, verb);
      const remarks = [
        ...(isKeeping ? ["leaves traces in their packets"] : []),
        ...(isCounting ? ["counts sequence numbers"] : []),
      ];
      output.print({ kind: "sink", device: dev, changed, keep: isKeeping, e2e: isCounting }, () =>
        [`${dev}: sink`, ...remarks].join(", "),
      );
    },
  });
