/**
 * Harms packets by number. At tc in front of the other programs: what is dropped nobody after it sees, a copy and what was
 * held back come by again, known by their mark, and pass. At XDP for loss alone.
 */
import { fetchAdd } from "../../kernel/atomics.ts";
import { Tc, Xdp, type TcContext } from "../../kernel/context.ts";
import { perCpuArrayMap, ringBuffer, variable } from "../../kernel/maps.ts";
import { isMark } from "../../kernel/marked-ipv4.bpf.ts";
import type { PacketContext } from "../../kernel/packet-context.ts";
import { tc, xdp, type Program } from "../../kernel/program.ts";
import { u32, u64 } from "../../wire/layout.ts";
import { MarkedIpv4 } from "../../wire/protocols/ipv4-options.ts";
import { Harm, isHit } from "./hit.bpf.ts";
import { heldRing, keep } from "./keep.bpf.ts";
import { matchingNetwork } from "./match.bpf.ts";
import { DueRecord, HitRecord } from "./records.ts";
import type { ImpairRules } from "./rules.ts";

/** Of packets that come by a second time: not to be counted again. */
export const RETURN_MARK = 0x484d_5254;

/** Matching packets so far: the number of the next one. */
export const matched = variable(u64, 0n, { name: "impair_matched" });

/** Not 0: nothing is harmed any more; what comes back is let pass still. */
export const stopped = variable(u32, 0, { name: "impair_stopped" });

export const ImpairCounter = { unlisted: 0, notCopied: 1, notHeld: 2, returned: 3, dueLost: 4 } as const;
export const impairCounters = perCpuArrayMap(u64, { entries: 5, name: "impair_count" });

/** Packets that were hit: four MiB hold 100,000 until they are read. */
export const hitRing = ringBuffer({ bytes: 1 << 22, name: "impair_hits" });

const INGRESS = 1;

/** `link`: bytes before the IP header on the device. */
export interface ImpairPlace {
  readonly direction: "ingress" | "egress";
  readonly link: number;
}

export const impair = (rules: ImpairRules, place: ImpairPlace): Program<"tc"> =>
  tc(
    (ctx) => {
      if (ctx.mark === RETURN_MARK) {
        count(ImpairCounter.returned);
        ctx.mark = ctx.priority;
        ctx.priority = 0;
        return Tc.Next;
      }
      const network = matchingNetwork(ctx, rules.match, place.link);
      if (network < 0 || stopped.value !== 0) return Tc.Next;
      const index = fetchAdd(matched, "value", 1n);
      if (rules.reorder !== null) tellDue(rules.reorder, rules.seed, index);
      if (isLost(rules, index)) {
        note(ctx, Harm.Loss, index, network);
        return drop(ctx, place);
      }
      const isDoubled = rules.duplicate !== null && isHit(rules.duplicate, rules.seed, Harm.Duplicate, index);
      const isReordered = rules.reorder !== null && isHit(rules.reorder.pattern, rules.seed, Harm.Reorder, index);
      const isDelayed = rules.delay !== null && isHit(rules.delay.pattern, rules.seed, Harm.Delay, index);
      if (isReordered || isDelayed || rules.hold !== null) {
        const harm = isReordered ? Harm.Reorder : Harm.Delay;
        if (!keep(ctx, index, harm, isDoubled ? 2 : 1)) {
          count(ImpairCounter.notHeld);
          return Tc.Next;
        }
        if (isDoubled) note(ctx, Harm.Duplicate, index, network);
        if (isReordered || isDelayed) note(ctx, harm, index, network);
        return drop(ctx, place);
      }
      if (isDoubled) double(ctx, place, index, network);
      return Tc.Next;
    },
    { name: "impair" },
  );

/** Puts what comes back from user space in at the device as if it had arrived. */
export const comeBack = tc((ctx) => (ctx.mark === RETURN_MARK ? ctx.redirect(ctx.ifindex, INGRESS) : Tc.Next), {
  name: "impair_back",
});

/** Loss alone, in the driver. */
export const impairAtXdp = (rules: ImpairRules, link: number): Program<"xdp"> =>
  xdp(
    (ctx) => {
      const network = matchingNetwork(ctx, rules.match, link);
      if (network < 0 || stopped.value !== 0) return Xdp.Pass;
      const index = fetchAdd(matched, "value", 1n);
      if (!isLost(rules, index)) return Xdp.Pass;
      note(ctx, Harm.Loss, index, network);
      return Xdp.Drop;
    },
    { name: "impair_xdp", frags: true },
  );

const isLost = ({ loss, seed }: ImpairRules, index: bigint): boolean =>
  loss !== null && isHit(loss, seed, Harm.Loss, index);

/** An interface that nobody has: a packet to there is freed, and its sender not told, as by a network. */
const NOWHERE = 0x7fff_ffff;

/** A sender on this host learns of drops as it sends, and sends again. */
const drop = (ctx: TcContext, { direction }: ImpairPlace): number =>
  direction === "ingress" ? Tc.Drop : ctx.redirect(NOWHERE);

/** The packet that was so many before this one may go, if it was held back. */
const tellDue = ({ pattern, by }: NonNullable<ImpairRules["reorder"]>, seed: bigint, index: bigint): void => {
  if (index < BigInt(by)) return;
  const earlier = BigInt.asUintN(64, index - BigInt(by));
  if (!isHit(pattern, seed, Harm.Reorder, earlier)) return;
  const record = heldRing.reserve(DueRecord);
  if (record === null) return count(ImpairCounter.dueLost);
  record.index = earlier;
  heldRing.submit(record);
};

/** The copy carries what the packet's mark was as its priority. */
const double = (ctx: TcContext, place: ImpairPlace, index: bigint, network: number): void => {
  const { mark, priority } = ctx;
  ctx.priority = mark;
  ctx.mark = RETURN_MARK;
  const isSent = ctx.cloneRedirect(ctx.ifindex, place.direction === "ingress" ? INGRESS : 0);
  ctx.mark = mark;
  ctx.priority = priority;
  if (isSent) note(ctx, Harm.Duplicate, index, network);
  else count(ImpairCounter.notCopied);
};

const note = (ctx: PacketContext, harm: number, index: bigint, network: number): void => {
  const record = hitRing.reserve(HitRecord);
  if (record === null) return count(ImpairCounter.unlisted);
  const ip = ctx.load(network, MarkedIpv4);
  const marked = isMark(ip);
  record.index = index;
  record.harm = harm;
  record.isMarked = marked ? 1 : 0;
  record.seq = marked && ip !== null ? ip.seq : 0n;
  record.cpu = marked && ip !== null ? ip.cpu : 0;
  hitRing.submit(record);
};

const count = (reason: number): void => {
  const counter = impairCounters.lookup(reason);
  if (counter !== null) counter.value += 1n;
};
