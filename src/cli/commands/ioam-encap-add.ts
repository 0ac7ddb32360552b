import type { EncapReport } from "../../mark/ioam/control.ts";
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
const e2e = "number the packets: a sink with e2e counts what is lost, duplicated and reordered";
const readMode = oneOf("inline", "encap", "auto");

export const ioamEncapAdd = defineCommand({
  name: "ioam encap add",
  summary: "give packets to a prefix a trace, which every node on their way fills in",
  description: [
    "Packets to PREFIX that leave by DEVICE get a Hop-by-Hop header with a pre-allocated IOAM trace (RFC 9197, RFC 9486), and this node's data in it. The route's MTU is lowered by what is inserted, so that full-size packets still fit. It stays after this command ends, until `hopmark ioam encap delete` or until the interface goes.",
    "Mode inline puts the header into the packet itself, which only the node that makes a packet should do (RFC 8200). Mode encap puts an outer IPv6 header with the trace in front, from tunsrc to tundst; the packet then goes where the route to tundst leads. Mode auto is inline for packets that this node makes, encap for those it forwards. The longest prefix that holds a packet's destination says what it gets.",
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
    e2e: { value: "e2e", description: e2e, optional: true, alone: true },
    mode: {
      value: "inline|encap|auto",
      description:
        "where the header goes: into the packet, behind an outer header, or as suits it; inline when not given",
      optional: true,
      complete: ["inline", "encap", "auto"],
      read: readMode,
    },
    tunsrc: {
      value: "ADDRESS",
      description: "source of the outer header; the one that the kernel would choose when not given",
      optional: true,
    },
    tundst: { value: "ADDRESS", description: "where the outer header ends: the node with the sink", optional: true },
  },
  options: { e2e: { flag: "--e2e", description: e2e }, netns: netnsOption },
  examples: [
    "hopmark ioam encap add db02::/64 dev h_athos trace prealloc type 0xfe0000 ns 123 size 84",
    "hopmark ioam encap add db02::/64 dev eth0 freq 1/100 trace prealloc type 0xf00000 ns 1 size 48",
    "hopmark ioam encap add db02::/64 dev eth0 mode auto tundst db02::2 trace prealloc type 0xf00000 ns 1 size 48",
  ],
  needs: ioamRights,
  run: async (input, { output }) => {
    const { addEncap } = await import("../../mark/ioam/control.ts");
    const report = addEncap(targetOf(input.dev, input.netns), {
      prefix: input.prefix,
      traceType: input.type,
      namespaceId: input.ns,
      size: input.size,
      frequency: input.freq ?? { packets: 1, of: 1 },
      ...(input.mode !== undefined && { mode: input.mode }),
      ...(input.tunsrc !== undefined && { tunsrc: input.tunsrc }),
      ...(input.tundst !== undefined && { tundst: input.tundst }),
      e2e: input.e2e,
    });
    output.print(
      { kind: "encap", device: input.dev, ...report },
      () =>
        `${report.prefix} dev ${input.dev}: traces of type ${typeText(report.traceType)}, namespace ${report.namespaceId}${tunnelText(report)}`,
    );
    if (!output.json) for (const warning of report.warnings) output.note(`warning: ${warning}`);
  },
});

const tunnelText = ({ mode, tunnel }: EncapReport): string =>
  tunnel === null ? "" : `, mode ${mode} from ${tunnel.source} to ${tunnel.destination}`;
