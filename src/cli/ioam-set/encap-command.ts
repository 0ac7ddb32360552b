/** `hopmark ioam encap add|change|replace`. */
import type { EncapReport, Verb } from "../../mark/ioam/control.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { integer, oneOf } from "../framework/values.ts";
import {
  deviceWord,
  ioamRights,
  readFrequency,
  readNamespaceId,
  readTraceKind,
  readTraceType,
  targetOf,
  typeText,
} from "../ioam-common.ts";

const readFlowId = integer(0, 0xffff_ffff);
const readSize = integer(0, 1 << 16);
const e2e = "number the packets: a sink with e2e counts what is lost, duplicated and reordered";
const readMode = oneOf("inline", "encap", "auto");

const summaries: Readonly<Record<Verb, string>> = {
  add: "give packets to a prefix a trace, which every node on their way fills in",
  change: "give packets to a prefix another trace, while they are sent",
  replace: "change the trace of packets to a prefix, or add one where there is none",
};

const descriptions: Readonly<Record<Verb, readonly string[]>> = {
  add: [
    "Packets to PREFIX that leave by DEVICE get a Hop-by-Hop header with a pre-allocated IOAM trace (RFC 9197, RFC 9486), and this node's data in it. The route's MTU is lowered by what is inserted, so that full-size packets still fit. It stays after this command ends, until `hopmark ioam encap delete` or until the interface goes.",
    "Mode inline puts the header into the packet itself, which only the node that makes a packet should do (RFC 8200). Mode encap puts an outer IPv6 header with the trace in front, from tunsrc to tundst; the packet then goes where the route to tundst leads. Mode auto is inline for packets that this node makes, encap for those it forwards. The longest prefix that holds a packet's destination says what it gets.",
    "With `trace dex` packets carry no data but ask for it (Direct Export, RFC 9326): nodes report what the type says, each for itself, where `hopmark ioam export add` lets them (on this interface, too, for this node's own report), and packets keep their size on the way. Each packet has the rule's flow id and the next sequence number, by which reports are joined; pieces that a packet is cut into on its way (GSO) share its number. It costs 24 bytes, whatever the type and the number of nodes.",
    "The trace type says what each node writes; its bits, most significant first: 0 hop limit and node id, 1 interface ids, 2 seconds, 3 fraction, 4 transit delay, 5 namespace data, 6 queue depth, 7 checksum complement, 8 to 10 as 0, 1 and 5 but wide, 11 buffer occupancy, 22 opaque state snapshot.",
  ],
  change: [
    "What is said is the rule from now on; what is left out is as if it were added anew. Each packet gets either the old trace or the new one, no packet is lost, and counters go on. So do sequence numbers where packets were numbered before, and a flow id that was drawn. The route's MTU follows. `hopmark ioam encap add --help` says what the words mean.",
  ],
  replace: [
    "As `hopmark ioam encap change` where there is a rule for PREFIX, as `hopmark ioam encap add` where there is none.",
  ],
};

export const encapCommand = (verb: Verb): Command =>
  defineCommand({
    name: `ioam encap ${verb}`,
    summary: summaries[verb],
    description: descriptions[verb],
    positionals: { prefix: { value: "PREFIX", description: "destinations, as in db02::/64" } },
    keywords: {
      dev: { ...deviceWord, description: "the interface that the packets leave by" },
      trace: {
        value: "prealloc|dex",
        description: "the kind of trace: room for all nodes is made here, or nodes report (Direct Export)",
        complete: ["prealloc", "dex"],
        read: readTraceKind,
      },
      type: { value: "TYPE", description: "24 bits, as in 0xfe0000", read: readTraceType },
      ns: { value: "ID", description: "IOAM namespace, 0 to 65535", read: readNamespaceId },
      size: {
        value: "BYTES",
        description: "with prealloc: room for the data of all nodes, a multiple of 4 up to 244",
        optional: true,
        read: readSize,
      },
      flow: {
        value: "ID",
        description: "with dex: what reports call these packets, 32 bits; drawn at random when not given",
        optional: true,
        read: readFlowId,
      },
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
      `hopmark ioam encap ${verb} db02::/64 dev h_athos trace prealloc type 0xfe0000 ns 123 size 84`,
      `hopmark ioam encap ${verb} db02::/64 dev eth0 freq 1/100 trace prealloc type 0xf00000 ns 1 size 48`,
      `hopmark ioam encap ${verb} db02::/64 dev eth0 freq 1/100 trace dex type 0xf00000 ns 1`,
      `hopmark ioam encap ${verb} db02::/64 dev eth0 mode auto tundst db02::2 trace prealloc type 0xf00000 ns 1 size 48`,
    ],
    needs: ioamRights,
    run: async (input, { output }) => {
      const { addEncap } = await import("../../mark/ioam/control.ts");
      const report = addEncap(
        targetOf(input.dev, input.netns),
        {
          prefix: input.prefix,
          traceType: input.type,
          namespaceId: input.ns,
          ...(input.trace === "dex" && { trace: input.trace }),
          ...(input.size !== undefined && { size: input.size }),
          ...(input.flow !== undefined && { flowId: input.flow }),
          frequency: input.freq ?? { packets: 1, of: 1 },
          ...(input.mode !== undefined && { mode: input.mode }),
          ...(input.tunsrc !== undefined && { tunsrc: input.tunsrc }),
          ...(input.tundst !== undefined && { tundst: input.tundst }),
          e2e: input.e2e,
        },
        verb,
      );
      output.print(
        { kind: "encap", device: input.dev, ...report },
        () =>
          `${report.prefix} dev ${input.dev}: ${report.trace === "dex" ? "reports" : "traces"} of type ${typeText(report.traceType)}, namespace ${report.namespaceId}${flowText(report)}${tunnelText(report)}`,
      );
      if (!output.json) for (const warning of report.warnings) output.note(`warning: ${warning}`);
    },
  });

const flowText = ({ dexFlowId }: EncapReport): string => (dexFlowId === undefined ? "" : `, flow ${dexFlowId}`);

const tunnelText = ({ mode, tunnel }: EncapReport): string =>
  tunnel === null ? "" : `, mode ${mode} from ${tunnel.source} to ${tunnel.destination}`;
