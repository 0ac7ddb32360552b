/** A node between the ends, or at the end, adds its entry under the kernel's rules, in the kernel's order. */
import type { TcContext } from "../../kernel/context.ts";
import { opaqueStateBit } from "../../wire/ioam/fields.ts";
import { IoamOption, IoamTraceHeader } from "../../wire/ioam/header.ts";
import { Ipv6 } from "../../wire/protocols/ipv6.ts";
import { entryWords, microsecondsOf, secondsOf, writeEntry, writeOpaqueState } from "./entry.bpf.ts";
import { opaqueStateOf, type IoamInterface, type IoamNamespace, type IoamNode } from "./node.ts";
import { checkTraceOption } from "./option.bpf.ts";
import { Outcome } from "./outcome.ts";

/** Fills the trace whose option is at `at` in a Hop-by-Hop header that ends at `end`. Returns an {@link Outcome}. */
export const fillTrace = (
  ctx: TcContext,
  node: IoamNode,
  ingress: IoamInterface,
  at: number,
  end: number,
  nowNs: bigint,
): number => {
  const outcome = checkTraceOption(ctx, ingress.network, at, end);
  if (outcome !== Outcome.Ready) return outcome;
  const trace = ctx.packet.at(IoamTraceHeader, at + IoamOption.size);
  if (trace === null) return Outcome.Truncated;
  for (const namespace of node.namespaces) {
    if (trace.namespaceId === namespace.id) return fillIn(ctx, node, namespace, ingress, at, nowNs);
  }
  return Outcome.NamespaceUnknown;
};

const fillIn = (
  ctx: TcContext,
  node: IoamNode,
  namespace: IoamNamespace,
  ingress: IoamInterface,
  at: number,
  nowNs: bigint,
): number => {
  const trace = ctx.packet.at(IoamTraceHeader, at + IoamOption.size);
  const ip = ctx.packet.at(Ipv6, ingress.network);
  if (trace === null || ip === null) return Outcome.Truncated;
  if (trace.overflow !== 0) return Outcome.OverflowSet;
  const { traceType, remainingLength } = trace;
  const state = opaqueStateOf(namespace.schema);
  const fixed = entryWords(traceType);
  const words = fixed + ((traceType & opaqueStateBit) !== 0 ? state.words : 0);
  if (remainingLength === 0 || remainingLength < words) {
    trace.overflow = 1;
    return Outcome.NoRoom;
  }
  // In 0..127 already; the mask says so to the verifier.
  const left = (remainingLength - words) & 127;
  const start = at + IoamOption.size + IoamTraceHeader.size + left * 4;
  // This node's own hop is not yet taken off the packet, but counts.
  const hopLimit = (ip.hopLimit + 255) & 255;
  const written = writeEntry(ctx, start, traceType, {
    hopLimit,
    nodeId: node.id,
    ingressId: ingress.id,
    timestampSeconds: secondsOf(nowNs),
    timestampFraction: microsecondsOf(nowNs),
    namespaceData: namespace.data,
    hopLimitWide: hopLimit,
    nodeIdWide: node.idWide,
    ingressIdWide: ingress.idWide,
    namespaceDataWide: namespace.dataWide,
  });
  if (!written) return Outcome.Truncated;
  if ((traceType & opaqueStateBit) !== 0 && !writeOpaqueState(ctx, start + fixed * 4, state)) return Outcome.Truncated;
  trace.remainingLength = left;
  return Outcome.Filled;
};
