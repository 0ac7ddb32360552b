/** The pre-allocated trace as an encapsulating node inserts it: room for every node's data, and this node's entry in it. */
import type { TcContext } from "../../../kernel/context.ts";
import { nodeLengthOf, opaqueStateBit } from "../../../wire/ioam/fields.ts";
import { IoamOption, IoamTraceHeader, IoamType } from "../../../wire/ioam/header.ts";
import { traceShape } from "../../../wire/ioam/hop-by-hop.ts";
import { Ipv6OptionType } from "../../../wire/protocols/ipv6-options.ts";
import type { EncapNode, EncapProfile } from "./rule.ts";
import { entryStateOf, inPacket, microsecondsOf, secondsOf, writeEntry } from "../fill/entry.bpf.ts";
import type { InsertedInto, InsertedOption } from "./inserted.bpf.ts";
import { opaqueStateOf } from "../node.ts";

export const preallocatedTrace = (own: EncapNode, profile: EncapProfile): InsertedOption => ({
  ...traceShape(profile.size),
  write: (ctx, at, packet) => {
    writeHeaders(ctx, profile, at);
    writeOwnEntry(ctx, own, profile, at, packet);
  },
});

/** Words of an entry of the profile's trace type, the opaque state snapshot included. */
const wordsOf = ({ traceType, namespace }: EncapProfile): number =>
  nodeLengthOf(traceType) + ((traceType & opaqueStateBit) !== 0 ? opaqueStateOf(namespace.schema).words : 0);

const writeHeaders = (ctx: TcContext, profile: EncapProfile, at: number): void => {
  const ioam = ctx.packet.at(IoamOption, at);
  const trace = ctx.packet.at(IoamTraceHeader, at + IoamOption.size);
  if (ioam === null || trace === null) return;
  ioam.type = Ipv6OptionType.Ioam;
  ioam.length = 2 + IoamTraceHeader.size + profile.size;
  ioam.reserved = 0;
  ioam.ioamType = IoamType.PreallocatedTrace;
  const left = profile.size / 4 - wordsOf(profile);
  trace.namespaceId = profile.namespace.id;
  trace.nodeLength = nodeLengthOf(profile.traceType);
  trace.overflow = left < 0 ? 1 : 0;
  trace.loopback = 0;
  trace.active = 0;
  trace.reservedFlag = 0;
  trace.remainingLength = left < 0 ? profile.size / 4 : left;
  trace.traceType = profile.traceType;
  trace.reserved = 0;
};

const writeOwnEntry = (
  ctx: TcContext,
  { node }: EncapNode,
  profile: EncapProfile,
  option: number,
  { hopLimit, nowNs, egress }: InsertedInto,
): void => {
  const { namespace, traceType, size } = profile;
  const left = size / 4 - wordsOf(profile);
  if (left < 0) return;
  const at = option + IoamOption.size + IoamTraceHeader.size + left * 4;
  const values = {
    hopLimit,
    nodeId: node.id,
    egressId: egress.id,
    timestampSeconds: secondsOf(nowNs),
    timestampFraction: microsecondsOf(nowNs),
    transitDelayNs: 0xffff_ffff,
    namespaceData: namespace.data,
    queueDepth: egress.queueDepth,
    hopLimitWide: hopLimit,
    nodeIdWide: node.idWide,
    egressIdWide: egress.idWide,
    namespaceDataWide: namespace.dataWide,
  };
  writeEntry(inPacket(ctx), at, traceType, wordsOf(profile), values, entryStateOf(opaqueStateOf(namespace.schema)));
};
