/**
 * A node between the ends, at tc. Ingress fills the trace; egress, after the route is known, completes what only it can
 * know: egress id, queue depth, transit delay. The packet's timestamp (monotonic, which forwarding keeps) carries the
 * time of arrival from one to the other and says which packets to complete.
 */
import { SkbClock, Tc, type TcContext } from "../../kernel/context.ts";
import { monotonicNs } from "../../kernel/helpers.ts";
import { tc, type Program } from "../../kernel/program.ts";
import { IoamOption, IoamTraceHeader } from "../../wire/ioam/header.ts";
import { EtherType } from "../../wire/numbers.ts";
import { count } from "./count.bpf.ts";
import { counters } from "./counters.ts";
import { entrySteps, wallClockNs } from "./entry.bpf.ts";
import { fillTrace } from "./fill.bpf.ts";
import type { IoamInterface, IoamNode } from "./node.ts";
import { findTraceOption, hasHopByHop, hopByHopBytes } from "./option.bpf.ts";
import { FIRST_DROPPED, Outcome, outcomeNames } from "./outcome.ts";
import { taiOffset } from "./tai-offset.ts";

export interface TransitConfig {
  readonly node: IoamNode;
  readonly device: IoamInterface;
}

export const transitCounters = counters("transit_count", outcomeNames.length);

const IPV6_BYTES = 40;

export const transitIngress = (config: TransitConfig): Program<"tc"> =>
  tc((ctx) => arrive(ctx, config), { name: "ioam_ingress" });

export const arrive = (ctx: TcContext, { node, device }: TransitConfig): number => {
  if (ctx.protocol !== EtherType.Ipv6 || !hasHopByHop(ctx, device.network)) return Tc.Next;
  const start = device.network + IPV6_BYTES;
  const bytes = hopByHopBytes(ctx, start);
  const at = bytes === 0 ? 0 : findTraceOption(ctx, start, bytes);
  const outcome =
    at === 0 ? Outcome.NoOption : fillTrace(ctx, node, device, at, start + bytes, wallClockNs(taiOffset.value));
  count(transitCounters, outcome);
  if (outcome === Outcome.Filled) ctx.setTimestamp(monotonicNs(), SkbClock.Monotonic);
  return outcome >= FIRST_DROPPED ? Tc.Drop : Tc.Next;
};

/** Fields that are known only when the packet leaves. */
const egressFields = new Set([1, 4, 6, 9]);

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
export const leave = (ctx: TcContext, { device }: TransitConfig): void => {
  if (ctx.protocol !== EtherType.Ipv6 || !hasHopByHop(ctx, device.network)) return;
  const start = device.network + IPV6_BYTES;
  const bytes = hopByHopBytes(ctx, start);
  const at = bytes === 0 ? 0 : findTraceOption(ctx, start, bytes);
  if (at !== 0) completeEntry(ctx, device, at);
  // The stamp has done its work: the queue and the next node must not take it for a time to send at.
  ctx.setTimestamp(0n, SkbClock.Realtime);
};

/** Writes into the newest entry what is still all ones there. */
const completeEntry = (ctx: TcContext, device: IoamInterface, option: number): void => {
  const trace = ctx.packet.at(IoamTraceHeader, option + IoamOption.size);
  if (trace === null) return;
  const elapsed = BigInt.asUintN(64, monotonicNs() - ctx.timestamp);
  const values: Record<string, number> = {
    egressId: device.id,
    transitDelayNs: elapsed > 0x7fff_ffffn ? DELAY_OVERFLOW : Number(BigInt.asUintN(31, elapsed)),
    queueDepth: ctx.egressBacklog(),
    egressIdWide: device.idWide,
  };
  const { traceType } = trace;
  let at = option + IoamOption.size + IoamTraceHeader.size + trace.remainingLength * 4;
  for (const { bit, layout, mask, shift, size, columns } of entrySteps) {
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
