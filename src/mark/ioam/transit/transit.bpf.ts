/**
 * A node between the ends, at tc. Ingress fills the trace; egress, after the route is known, completes what only it can
 * know: egress id, queue depth, transit delay. The packet's timestamp (monotonic, which forwarding keeps) carries the
 * time of arrival from one to the other and says which packets to complete.
 */
import { SkbClock, Tc, type TcContext } from "../../../kernel/context.ts";
import { monotonicNs } from "../../../kernel/helpers.ts";
import { tc, type Program } from "../../../kernel/program.ts";
import { nodeLengthOf, traceTypeBit } from "../../../wire/ioam/fields.ts";
import { IoamOption, IoamTraceHeader } from "../../../wire/ioam/header.ts";
import { EtherType } from "../../../wire/numbers.ts";
import { count } from "../../feature/count.bpf.ts";
import { counters } from "../../feature/counters.ts";
import { COMPLEMENT, COMPLEMENT_BIT, commonEntries, complementAfter, entrySteps } from "../fill/entry.bpf.ts";
import { fillTrace, knows } from "../fill/fill.bpf.ts";
import type { IoamInterface, IoamNode } from "../node.ts";
import { checkTraceOption, CUT_SHORT, hopByHopBytes, pullIn, visitIoamOptions } from "../fill/option.bpf.ts";
import { fillUsual, isOfType, namespaceOf, NOT_USUAL, onUsual } from "../fill/usual.bpf.ts";
import { FIRST_DROPPED, Outcome, outcomeNames } from "../outcome.ts";
import { wallClockNs } from "../../feature/wall-clock.bpf.ts";
import { taiOffset } from "../../feature/tai-offset.ts";

export interface TransitConfig {
  readonly node: IoamNode;
  readonly device: IoamInterface;
}

export const transitCounters = counters("transit_count", outcomeNames.length);

const IPV6_BYTES = 40;

export const transitIngress = (config: TransitConfig): Program<"tc"> =>
  tc((ctx) => arrive(ctx, config), { name: "ioam_ingress" });

export const arrive = (ctx: TcContext, { node, device }: TransitConfig): number => {
  const bytes = ctx.protocol === EtherType.Ipv6 ? hopByHopBytes(ctx, device.network, pullIn(ctx)) : 0;
  if (bytes === 0) return Tc.Next;
  if (bytes === CUT_SHORT) {
    count(transitCounters, Outcome.Truncated);
    return Tc.Drop;
  }
  const usual = fillUsual(ctx, node, device, bytes, arrivalTime);
  if (usual !== NOT_USUAL) {
    count(transitCounters, Outcome.Filled);
    stamp(ctx, usual);
    return Tc.Next;
  }
  const start = device.network + IPV6_BYTES;
  // Flags, not the last outcome: the verifier walks the loop once for each value that they can have.
  let seen = false;
  let filled = false;
  let types = 0;
  let dropped = false;
  visitIoamOptions(ctx, start, bytes, (at) => {
    const outcome = fillTrace(ctx, node, device, at, start + bytes, arrivalTime);
    count(transitCounters, outcome);
    seen = true;
    const trace = ctx.packet.at(IoamTraceHeader, at + IoamOption.size);
    if (outcome === Outcome.Filled && trace !== null) {
      filled = true;
      types |= trace.traceType;
    }
    if (outcome >= FIRST_DROPPED) dropped = true;
    return outcome < FIRST_DROPPED;
  });
  if (dropped) return Tc.Drop;
  if (filled) stamp(ctx, types);
  if (!seen) count(transitCounters, Outcome.NoOption);
  return Tc.Next;
};

/** The clock is read for traces that want its time, and those alone. */
const arrivalTime = (traceType: number): bigint => ((traceType & TIMES) === 0 ? 0n : wallClockNs(taiOffset.value));

const TIMES = traceTypeBit(2) | traceTypeBit(3);
const DELAY = traceTypeBit(4);

/** Stamps the packet as filled here, with the time of arrival where the trace wants its delay. */
const stamp = (ctx: TcContext, traceType: number): boolean =>
  ctx.setTimestamp((traceType & DELAY) === 0 ? FILLED : monotonicNs(), SkbClock.Monotonic);

/** A time long ago: the packet's turn to be sent has come. */
const FILLED = 1n;

/** Fields that are known only when the packet leaves. */
const egressFields = new Set([1, 4, 6, 9]);

const NODE_ID_BIT = 0;

/** ns since the packet was stamped. */
const transitDelay = (ctx: TcContext): number => {
  const elapsed = BigInt.asUintN(64, monotonicNs() - ctx.timestamp);
  return elapsed > 0x7fff_ffffn ? DELAY_OVERFLOW : Number(BigInt.asUintN(31, elapsed));
};

/** A transit delay past 2^31-1 ns is written so (RFC 9197, section 4.4.2.5). */
const DELAY_OVERFLOW = 0x8000_0000;

export const transitEgress = (config: TransitConfig): Program<"tc"> =>
  tc(
    (ctx) => {
      if (ctx.ingressIfindex !== 0 && ctx.timestampClock === SkbClock.Monotonic) leave(ctx, config);
      return Tc.Next;
    },
    { name: "ioam_egress" },
  );

/** Completes the trace of a packet that was stamped when it arrived. */
export const leave = (ctx: TcContext, config: TransitConfig): void => {
  const { device } = config;
  const bytes = ctx.protocol === EtherType.Ipv6 ? hopByHopBytes(ctx, device.network, pullIn(ctx)) : 0;
  if (bytes === 0 || bytes === CUT_SHORT) return;
  const start = device.network + IPV6_BYTES;
  if (!completeUsual(ctx, config, bytes)) {
    visitIoamOptions(ctx, start, bytes, (at) => {
      completeEntry(ctx, config, at, start + bytes);
      return true;
    });
  }
  // The stamp has done its work: the queue and the next node must not take it for a time to send at.
  ctx.setTimestamp(0n, SkbClock.Realtime);
};

/** {@link completeEntry} for a usual header; false when it is not one. */
const completeUsual = (ctx: TcContext, { node, device }: TransitConfig, bytes: number): boolean =>
  onUsual(ctx, device.network, bytes, (trace) => {
    if (!knows(node, namespaceOf(trace))) return NOT_USUAL;
    for (const { traceType, layout, columns } of commonEntries) {
      if (isOfType(trace, traceType)) {
        const { at, optionLength, remaining } = trace;
        const hasEntry = optionLength >= 2 + IoamTraceHeader.size + (remaining + nodeLengthOf(traceType)) * 4;
        const entry = hasEntry ? ctx.packet.at(layout, at + IoamTraceHeader.size + remaining * 4) : null;
        if (entry === null || entry["nodeId"] !== node.id) return NOT_USUAL;
        for (const { name } of columns) {
          if (name === "egressId") entry[name] = device.id;
          if (name === "transitDelayNs") entry[name] = transitDelay(ctx);
          if (name === "queueDepth") entry[name] = ctx.egressBacklog();
        }
        return traceType;
      }
    }
    return NOT_USUAL;
  }) !== NOT_USUAL;

/**
 * Writes into the newest entry what is still all ones there. Of the traces that come so far, this node has written into
 * each of its namespaces that has not overflowed, if they came in by a device with transit; where entries say whose they
 * are, that is checked.
 */
const completeEntry = (ctx: TcContext, { node, device }: TransitConfig, option: number, end: number): void => {
  if (checkTraceOption(ctx, device.network, option, end) !== Outcome.Ready) return;
  const type = ctx.packet.at(IoamOption, option);
  const trace = ctx.packet.at(IoamTraceHeader, option + IoamOption.size);
  if (type === null || trace === null || trace.overflow !== 0 || !knows(node, trace.namespaceId)) return;
  const { traceType, nodeLength, remainingLength } = trace;
  // Without an entry it was not filled here, and what is behind it is not the trace's.
  if (type.length < 2 + IoamTraceHeader.size + (remainingLength + nodeLength) * 4) return;
  const values: Record<string, number> = {
    egressId: device.id,
    transitDelayNs: (traceType & DELAY) === 0 ? 0 : transitDelay(ctx),
    queueDepth: ctx.egressBacklog(),
    egressIdWide: device.idWide,
  };
  let at = option + IoamOption.size + IoamTraceHeader.size + remainingLength * 4;
  for (const { bit, layout, mask, shift, size, columns } of entrySteps) {
    if (bit === NODE_ID_BIT && (traceType & mask) !== 0) {
      const entry = ctx.packet.at(layout, at);
      // Another node's: the packet came in by a device without transit, stamped by whoever sent it.
      if (entry === null || entry["nodeId"] !== node.id) return;
    }
    if (bit === COMPLEMENT_BIT && (traceType & mask) !== 0) {
      const field = ctx.packet.at(layout, at);
      if (field === null) return;
      field[COMPLEMENT] = complementAfter(field[COMPLEMENT] as number, traceType, values);
    }
    if (egressFields.has(bit) && (traceType & mask) !== 0) {
      const field = ctx.packet.at(layout, at);
      if (field === null) return;
      for (const { name } of columns) {
        const value = values[name];
        if (value !== undefined) field[name] = value;
      }
    }
    at += (traceType >>> shift) & size;
  }
};
