/** The pre-allocated trace as an encapsulating node inserts it: room for every node's data, and this node's entry in it. */
import type { TcContext } from "../../kernel/context.ts";
import { nodeLengthOf, opaqueStateBit } from "../../wire/ioam/fields.ts";
import { IoamOption, IoamTraceHeader, IoamType } from "../../wire/ioam/header.ts";
import { traceShape } from "../../wire/ioam/hop-by-hop.ts";
import { Ipv6OptionType } from "../../wire/protocols/ipv6-options.ts";
import type { EncapNode, EncapRule } from "./encap-rule.ts";
import { inPacket, microsecondsOf, secondsOf, writeEntry } from "./entry.bpf.ts";
import type { InsertedInto, InsertedOption } from "./inserted.bpf.ts";
import { opaqueStateOf } from "./node.ts";

export const preallocatedTrace = (own: EncapNode, rule: EncapRule): InsertedOption => ({
  ...traceShape(rule.size),
  write: (ctx, at, packet) => {
    writeHeaders(ctx, rule, at);
    writeOwnEntry(ctx, own, rule, at, packet);
  },
});

/** Words of an entry of the rule's trace type, the opaque state snapshot included. */
const wordsOf = ({ traceType, namespace }: EncapRule): number =>
  nodeLengthOf(traceType) + ((traceType & opaqueStateBit) !== 0 ? opaqueStateOf(namespace.schema).words : 0);

const writeHeaders = (ctx: TcContext, rule: EncapRule, at: number): void => {
  const ioam = ctx.packet.at(IoamOption, at);
  const trace = ctx.packet.at(IoamTraceHeader, at + IoamOption.size);
  if (ioam === null || trace === null) return;
  ioam.type = Ipv6OptionType.Ioam;
  ioam.length = 2 + IoamTraceHeader.size + rule.size;
  ioam.reserved = 0;
  ioam.ioamType = IoamType.PreallocatedTrace;
  const left = rule.size / 4 - wordsOf(rule);
  trace.namespaceId = rule.namespace.id;
  trace.nodeLength = nodeLengthOf(rule.traceType);
  trace.overflow = left < 0 ? 1 : 0;
  trace.loopback = 0;
  trace.active = 0;
  trace.reservedFlag = 0;
  trace.remainingLength = left < 0 ? rule.size / 4 : left;
  trace.traceType = rule.traceType;
  trace.reserved = 0;
};

const writeOwnEntry = (
  ctx: TcContext,
  { node, device }: EncapNode,
  rule: EncapRule,
  option: number,
  { hopLimit, nowNs }: InsertedInto,
): void => {
  const { namespace, traceType, size } = rule;
  const left = size / 4 - wordsOf(rule);
  if (left < 0) return;
  const at = option + IoamOption.size + IoamTraceHeader.size + left * 4;
  const values = {
    hopLimit,
    nodeId: node.id,
    egressId: device.id,
    timestampSeconds: secondsOf(nowNs),
    timestampFraction: microsecondsOf(nowNs),
    transitDelayNs: 0xffff_ffff,
    namespaceData: namespace.data,
    queueDepth: ctx.egressBacklog(),
    hopLimitWide: hopLimit,
    nodeIdWide: node.idWide,
    egressIdWide: device.idWide,
    namespaceDataWide: namespace.dataWide,
  };
  writeEntry(inPacket(ctx), at, traceType, wordsOf(rule), values, opaqueStateOf(namespace.schema));
};
