/** What the XDP transit program and user space share: where packets may go, and what became of them. */
import { arrayMap, hashMap, lpmTrie, perCpuArrayMap, variable } from "../../../kernel/maps.ts";
import { header, ipv6Address, macAddress, struct, u16, u32, u64, u8 } from "../../../wire/layout.ts";
import { counters } from "../../feature/counters.ts";

/** Frames that an interface takes from XDP programs of others: none, those of one buffer, or all. */
export const Takes = { Nothing: 0, OneBuffer: 1, Frags: 2 } as const;

/** An interface to leave by: its IOAM ids, and whether XDP can send there. */
const EgressInterface = struct("egress_interface", {
  id: u16,
  takes: u8,
  idWide: u32,
  /** TAI, ns: when a packet last went there through the stack, so that it confirms its neighbours. */
  confirmedAt: u64,
});

/** By number. An interface that is not there is one that packets reach through the stack only. */
export const egressInterfaces = hashMap(struct("ifindex", { ifindex: u32 }), EgressInterface, {
  entries: 1024,
  name: "egress",
});

/** The last bits of an interface's number say where it stands in {@link nearEgress}. */
export const NEAR_MASK = 255;

const NearEgress = struct("near_egress", {
  /** 0 where there is none. */
  ifindex: u32,
  id: u16,
  takes: u8,
  idWide: u32,
  confirmedAt: u64,
});

/** Of interfaces whose numbers end alike, one each: asking here costs 2 ns, where {@link egressInterfaces} costs 30. */
export const nearEgress = arrayMap(NearEgress, { entries: NEAR_MASK + 1, name: "near_egress" });

/** A way out that user space has worked out; `ifindex` 0 stands for destinations that the kernel's tables must be asked for. */
const NextHop = struct("next_hop", {
  ifindex: u32,
  /** Bytes of a packet from its IP header on. */
  mtu: u32,
  id: u16,
  takes: u8,
  idWide: u32,
  sourceMac: macAddress,
  destinationMac: macAddress,
});

/** Packed: the map counts its bits from right behind the length. */
const NextHopKey = header("destination", "linux/bpf.h, struct bpf_lpm_trie_key_u8", {
  prefixLength: u32,
  address: ipv6Address,
});

/** Destinations of the table at most: what a full IPv6 table of the Internet has, and a half more. */
const MOST_DESTINATIONS = 1 << 19;

export const nextHops = lpmTrie(NextHopKey, NextHop, { entries: MOST_DESTINATIONS, name: "next_hops" });

/** TAI, ns: the table counts from here … */
export const leaseFrom = variable(u64, 0n, { name: "lease_from" });
/** … until here. Its keeper moves both on while it knows the table to be right. */
export const leaseUntil = variable(u64, 0n, { name: "lease_until" });

/** What was found out of the packet at hand, before its trace is written. In memory, so that the verifier forgets the values. */
export const Hop = struct("hop", {
  way: u32,
  /** Bytes of the IOAM options so far. */
  options: u32,
  ifindex: u32,
  id: u16,
  takes: u8,
  idWide: u32,
  sourceMac: macAddress,
  destinationMac: macAddress,
});
export const hops = perCpuArrayMap(Hop, { entries: 1, name: "hop" });

/**
 * What became of a packet with a Hop-by-Hop header: each is counted under exactly one of these. Those after the first two
 * went on to the kernel's stack. `Forwarded` and the eight after it are one more than the answers of `bpf_fib_lookup`.
 */
export const Way = {
  /** Redirected by the next-hop table. */
  ByTable: 0,
  /** Redirected by the kernel's forwarding tables. */
  Forwarded: 1,
  /** From here on the codes of `Fib`, less one. */
  Blackhole: 2,
  NotForwarded: 5,
  NoNeighbour: 8,
  TooBig: 9,
  /** The lookup answered with an errno. */
  LookupFailed: 11,
  HopLimit: 12,
  /** An address that no router forwards: link-local, multicast, loopback, unspecified. */
  Address: 13,
  /** There are options that only the stack knows. */
  OtherOptions: 14,
  /** The interface to leave by takes no frames from XDP. */
  NoRedirect: 15,
  /** Once a second to each interface, so that the stack confirms the neighbour. */
  Confirming: 16,
  /** The packet is not as long as it says. */
  Malformed: 17,
  /** The frame is for another station: not touched. */
  OtherStation: 18,
  /** The Hop-by-Hop header does not lie in the first buffer: not touched. */
  OutOfReach: 19,
} as const;

export const wayNames: readonly string[] = [
  "forwardedByTable",
  "forwarded",
  "blackhole",
  "unreachable",
  "prohibited",
  "notForwarded",
  "forwardingOff",
  "encapsulated",
  "noNeighbour",
  "tooBig",
  "noSource",
  "lookupFailed",
  "hopLimit",
  "address",
  "otherOptions",
  "noRedirect",
  "confirming",
  "malformed",
  "otherStation",
  "outOfReach",
];

/** Added to the way of a packet whose usual trace was filled: it is counted once, here, and not under its outcome too. */
export const FILLED = wayNames.length;

/** By ways; from {@link FILLED} on by the ways of those filled. */
export const wayCounters = counters("way_count", 2 * FILLED);

/** What {@link wayCounters} hold: packets by their ways, and how many of them were filled without an outcome counted. */
export const readWays = (
  countOf: (at: number) => bigint,
): { readonly ways: Readonly<Record<string, bigint>>; readonly filled: bigint } => {
  const filled = wayNames.map((_, way) => countOf(FILLED + way));
  return {
    ways: Object.fromEntries(wayNames.map((name, way) => [name, countOf(way) + filled[way]!])),
    filled: filled.reduce((sum, count) => sum + count, 0n),
  };
};
