/** A node between the ends, or at the end, adds its entry under the kernel's rules, in the kernel's order. */
import type { PacketContext } from "../../../kernel/packet-context.ts";
import { opaqueStateBit } from "../../../wire/ioam/fields.ts";
import { IoamOption, IoamTraceHeader } from "../../../wire/ioam/header.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";
import {
  inPacket,
  microsecondsOf,
  secondsOf,
  sumOf,
  writeEntry,
  writeOpaqueState,
  type EntryState,
  type Place,
} from "./entry.bpf.ts";
import { opaqueStateOf, type IoamInterface, type IoamNode } from "../node.ts";
import { checkTraceOption } from "./option.bpf.ts";
import { Outcome } from "../outcome.ts";

/**
 * Fills the trace whose option is at `at`, and obeys its rules, in a Hop-by-Hop header that ends at `end`. Returns an
 * {@link Outcome}.
 */
export const fillTrace = (
  ctx: PacketContext,
  node: IoamNode,
  ingress: IoamInterface,
  at: number,
  end: number,
  arrivalTime: ArrivalTime,
  egress?: EgressIds,
): number => {
  const outcome = checkTraceOption(ctx, ingress.network, at, end);
  if (outcome !== Outcome.Ready) return outcome;
  return addEntry(ctx, node, ingress, at, arrivalTime, inPacket(ctx), at + IoamOption.size, egress);
};

/** Wall clock, ns, for a trace of that type: types without timestamps need none. */
export type ArrivalTime = (traceType: number) => bigint;

/** Ids of the interface that the packet leaves by, where that is known already; all ones without. */
export interface EgressIds {
  readonly id: number;
  readonly idWide: number;
}

/** The same for an option that obeys the rules. What is written goes to `place`, where the trace's header is at `to`. */
export const addEntry = (
  ctx: PacketContext,
  node: IoamNode,
  ingress: IoamInterface,
  at: number,
  arrivalTime: ArrivalTime,
  place: Place,
  to: number,
  egress?: EgressIds,
): number => {
  const trace = ctx.packet.at(IoamTraceHeader, at + IoamOption.size);
  const ip = ctx.packet.at(Ipv6, ingress.network);
  if (trace === null || ip === null) return Outcome.Truncated;
  const namespace = chooseNamespace(node, trace.namespaceId);
  if (!namespace.isKnown) return Outcome.NamespaceUnknown;
  if (trace.overflow !== 0) return Outcome.OverflowSet;
  const { traceType, nodeLength, remainingLength } = trace;
  // What the type says, as the rules have seen to.
  const words = nodeLength + ((traceType & opaqueStateBit) !== 0 ? namespace.stateWords : 0);
  if (remainingLength === 0 || remainingLength < words) {
    place(IoamTraceHeader, to, (header) => {
      header.overflow = 1;
    });
    return Outcome.NoRoom;
  }
  // In 0..127 already; the mask says so to the verifier.
  const left = (remainingLength - words) & 127;
  const start = to + IoamTraceHeader.size + left * 4;
  // This node's own hop is not yet taken off the packet, but counts.
  const hopLimit = (ip.hopLimit + 255) & 255;
  const nowNs = arrivalTime(traceType);
  const values = {
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
    ...(egress !== undefined && { egressId: egress.id, egressIdWide: egress.idWide }),
  };
  const state: EntryState = {
    sum: namespace.stateSum,
    write: (to, where) => writeStateOf(node, trace.namespaceId, to, where),
  };
  if (!writeEntry(place, start, traceType, words, values, state)) return Outcome.Truncated;
  place(IoamTraceHeader, to, (header) => {
    header.remainingLength = left;
  });
  return Outcome.Filled;
};

/** What goes into the entry of a trace in one of the node's namespaces. */
interface ChosenNamespace {
  readonly isKnown: boolean;
  readonly data: number;
  readonly dataWide: bigint;
  readonly stateWords: number;
  readonly stateSum: number;
}

/** Numbers, so that one piece of code writes the entries of all namespaces. */
const chooseNamespace = (node: IoamNode, namespaceId: number): ChosenNamespace => {
  let [isKnown, data, dataWide, stateWords, stateSum] = [false, 0, 0n, 0, 0];
  for (const namespace of node.namespaces) {
    if (namespaceId === namespace.id) {
      const state = opaqueStateOf(namespace.schema);
      isKnown = true;
      data = namespace.data;
      dataWide = namespace.dataWide;
      stateWords = state.words;
      stateSum = sumOf(state);
    }
  }
  return { isKnown, data, dataWide, stateWords, stateSum };
};

const writeStateOf = (node: IoamNode, namespaceId: number, place: Place, at: number): boolean => {
  for (const { id, schema } of node.namespaces) {
    if (namespaceId === id) return writeOpaqueState(place, at, opaqueStateOf(schema));
  }
  return false;
};

/** Whether a namespace is one of the node's. */
export const knows = (node: IoamNode, namespaceId: number): boolean => {
  // Without branches: the verifier would walk what follows once for each namespace.
  let found = 0;
  for (const { id } of node.namespaces) found |= (0x1_0000 - (namespaceId ^ id)) >>> 16;
  return found !== 0;
};
