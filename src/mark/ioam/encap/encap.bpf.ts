/** The start of the domain, at tc egress: packets to a prefix get a Hop-by-Hop header with a trace and this node's entry in it. */
import { Tc, type TcContext } from "../../../kernel/context.ts";
import { fetchAdd } from "../../../kernel/atomics.ts";
import { tc, type Program } from "../../../kernel/program.ts";
import { be64, header } from "../../../wire/layout.ts";
import { EtherType, IpProtocol } from "../../../wire/numbers.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";
import { count } from "../../feature/count.bpf.ts";
import { EncapCounter, encapCounters, encapReasons, encapSamples, MAX_RULES } from "./counters.ts";
import { insertInline } from "./inline.bpf.ts";
import { leftAlone, type Inserted } from "./count-inserted.bpf.ts";
import { encapPrefixes } from "./prefixes.ts";
import { prepareEncap, type PreparedEncap, type PreparedProfile } from "./prepare.ts";
import type { EncapConfig } from "./rule.ts";
import { insertTunnel } from "./tunnel.bpf.ts";
import type { IoamInterface } from "../node.ts";

/** Where the destination address starts. */
const DESTINATION_AT = 24;
const Halves = header("address", "RFC 8200, section 3", { high: be64, low: be64 });

export const encap = (config: EncapConfig): Program<"tc"> => {
  const prepared = prepareEncap(config);
  return tc((ctx) => encapsulate(ctx, prepared), { name: "ioam_encap" });
};

/** Gives the packet a trace when it goes to one of the prefixes. Returns the verdict. */
export const encapsulate = (ctx: TcContext, config: PreparedEncap): number => {
  if (ctx.protocol !== EtherType.Ipv6) return Tc.Next;
  const { slot, profile } = config.lookup === "trie" ? fromTrie(ctx, config) : fromChain(ctx, config);
  if (slot >= MAX_RULES) return Tc.Next;
  for (const one of config.profiles) {
    if (profile === one.number) {
      if (isOurs(ctx, config)) return Tc.Next;
      const { counter, segments, verdict } = insert(ctx, config.device, one, slot);
      count(encapCounters, slot * encapReasons.length + counter);
      if (counter === EncapCounter.Sent)
        count(encapCounters, slot * encapReasons.length + EncapCounter.Segments, BigInt(segments));
      return verdict;
    }
  }
  return Tc.Next;
};

interface Choice {
  /** {@link MAX_RULES} for no rule. */
  readonly slot: number;
  readonly profile: number;
}

const nothing: Choice = { slot: MAX_RULES, profile: 0 };

const fromChain = (ctx: TcContext, { device, rules }: PreparedEncap): Choice => {
  const destination = ctx.packet.at(Halves, device.network + DESTINATION_AT);
  if (destination === null) return nothing;
  for (const { prefix, slot, profile } of rules) {
    const { high, low, highMask, lowMask } = prefix;
    if ((destination.high & highMask) === high && (destination.low & lowMask) === low) return { slot, profile };
  }
  return nothing;
};

const fromTrie = (ctx: TcContext, { device }: PreparedEncap): Choice => {
  const ip = ctx.packet.at(Ipv6, device.network);
  if (ip === null) return nothing;
  const found = encapPrefixes.lookup({ prefixLength: 128, address: ip.destination });
  // The slot is in range already; the mask says so to the verifier.
  return found === null ? nothing : { slot: found.slot & (MAX_RULES - 1), profile: found.profile };
};

/** Whether the packet got its outer header here already, and comes by again on its way to the tunnel's destination. */
const isOurs = (ctx: TcContext, { device, tunnels }: PreparedEncap): boolean => {
  const ip = ctx.packet.at(Ipv6, device.network);
  if (ip === null || ip.nextHeader !== IpProtocol.HopByHop) return false;
  for (const { source, destination } of tunnels) {
    if (ip.source === source && ip.destination === destination) return true;
  }
  return false;
};

/** Whether it is this packet's turn: K of every N, counted over all CPUs. */
const chosen = ({ frequency: { packets, of } }: PreparedProfile, slot: number): boolean => {
  if (packets === of) return true;
  const sample = encapSamples.lookup(slot);
  return sample !== null && fetchAdd(sample, "value", 1n) % BigInt(of) < BigInt(packets);
};

const insert = (ctx: TcContext, device: IoamInterface, profile: PreparedProfile, slot: number): Inserted => {
  const { mode, tunnel, header: inserted } = profile;
  if (!chosen(profile, slot)) return leftAlone(EncapCounter.NotSampled);
  if (tunnel === null) return insertInline(ctx, device, inserted);
  if (mode === "auto" && ctx.ingressIfindex === 0) return insertInline(ctx, device, inserted);
  return insertTunnel(ctx, device, inserted, tunnel);
};
