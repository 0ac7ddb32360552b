import { ConfigError, UnsupportedError } from "../../errors.ts";
import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { integer, oneOf } from "../framework/values.ts";
import {
  deviceWord,
  ioamRights,
  readFrequency,
  readNamespaceId,
  readPrealloc,
  readTraceType,
  targetOf,
  typeText,
} from "../ioam-common.ts";

const readSize = integer(0, 1 << 16);
const readMode = oneOf("inline", "encap", "auto");

export const ioamEncapAdd = defineCommand({
  name: "ioam encap add",
  summary: "give packets to a prefix a trace, which every node on their way fills in",
  description: [
    "Packets to PREFIX that leave by DEVICE get a Hop-by-Hop header with a pre-allocated IOAM trace (RFC 9197, RFC 9486), and this node's data in it. The route's MTU is lowered by what is inserted, so that full-size packets still fit. It stays after this command ends, until `hopmark ioam encap delete` or until the interface goes.",
    "The trace type says what each node writes; its bits, most significant first: 0 hop limit and node id, 1 interface ids, 2 seconds, 3 fraction, 4 transit delay, 5 namespace data, 6 queue depth, 7 checksum complement, 8 to 10 as 0, 1 and 5 but wide, 11 buffer occupancy, 22 opaque state snapshot.",
  ],
  positionals: { prefix: { value: "PREFIX", description: "destinations, as in db02::/64" } },
  keywords: {
    dev: { ...deviceWord, description: "the interface that the packets leave by" },
    trace: { value: "prealloc", description: "the kind of trace: room for all nodes is made here", read: readPrealloc },
    type: { value: "TYPE", description: "24 bits, as in 0xfe0000", read: readTraceType },
    ns: { value: "ID", description: "IOAM namespace, 0 to 65535", read: readNamespaceId },
    size: { value: "BYTES", description: "room for the data of all nodes, a multiple of 4 up to 244", read: readSize },
    freq: {
      value: "K/N",
      description: "trace K of every N packets; 1/1 when not given",
      optional: true,
      read: readFrequency,
    },
    mode: {
      value: "inline",
      description: "how the header is inserted; inline is all there is yet",
      optional: true,
      complete: ["inline"],
      read: readMode,
    },
    tundst: { value: "ADDRESS", description: "for mode encap only", optional: true },
    tunsrc: { value: "ADDRESS", description: "for mode encap only", optional: true },
  },
  options: { netns: netnsOption },
  examples: [
    "hopmark ioam encap add db02::/64 dev h_athos trace prealloc type 0xfe0000 ns 123 size 84",
    "hopmark ioam encap add db02::/64 dev eth0 trace prealloc type 0xf00000 ns 1 size 48 freq 1/100",
  ],
  needs: ioamRights,
  run: async (input, { output }) => {
    refuseTunnel(input.mode ?? "inline", input.tundst ?? input.tunsrc);
    const { addEncap } = await import("../../mark/ioam/control.ts");
    const report = addEncap(targetOf(input.dev, input.netns), {
      prefix: input.prefix,
      traceType: input.type,
      namespaceId: input.ns,
      size: input.size,
      frequency: input.freq ?? { packets: 1, of: 1 },
    });
    output.print(
      { kind: "encap", device: input.dev, ...report },
      () =>
        `${report.prefix} dev ${input.dev}: traces of type ${typeText(report.traceType)}, namespace ${report.namespaceId}`,
    );
    if (!output.json) for (const warning of report.warnings) output.note(`warning: ${warning}`);
  },
});

const refuseTunnel = (mode: "inline" | "encap" | "auto", tunnel: string | undefined): void => {
  if (mode === "inline" && tunnel !== undefined) {
    throw new ConfigError("tundst and tunsrc are for mode encap: mode inline adds no outer header");
  }
  if (mode !== "inline") {
    throw new UnsupportedError("ioam-encap", `mode ${mode} is not there yet`, {
      hint: "use mode inline, on the node that makes the packets",
    });
  }
};
