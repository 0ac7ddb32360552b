/** Every kernel program of IOAM, with what it is fed and what must hold of what comes out. */
import type { LoadedProgram } from "../../../src/bpf/loaded-program.ts";
import type { SimulatedMaps } from "../../../src/kernel/simulate/simulated-maps.ts";
import { Tc, Xdp } from "../../../src/kernel/context.ts";
import { noRoute } from "../../../src/kernel/environment.ts";
import { Fib } from "../../../src/kernel/fib.ts";
import { addressBytes, mac } from "../../../src/wire/address.ts";
import { egressInterfaces, Takes } from "../../../src/mark/ioam/transit/xdp-maps.ts";
import { transitXdp } from "../../../src/mark/ioam/transit/xdp.bpf.ts";
import { encap } from "../../../src/mark/ioam/encap/encap.bpf.ts";
import { encapCounters, encapReasons } from "../../../src/mark/ioam/encap/counters.ts";
import { FIRST_DROPPED, outcomeNames } from "../../../src/mark/ioam/outcome.ts";
import { sinkRing } from "../../../src/mark/ioam/sink/report.bpf.ts";
import { sink } from "../../../src/mark/ioam/sink/sink.bpf.ts";
import { sinkCounterNames, sinkCounters } from "../../../src/mark/ioam/sink/counters.ts";
import { leaveAfter } from "../../../src/mark/ioam/test-support/leave.bpf.ts";
import { clock, device, namespaces, node, rule } from "../../../src/mark/ioam/test-support/nodes.ts";
import { transitCounters, transitIngress } from "../../../src/mark/ioam/transit/transit.bpf.ts";
import type { Counters } from "../../../src/mark/ioam/counters.ts";
import type { RingBuffer } from "../../../src/kernel/maps.ts";
import type { Program } from "../../../src/kernel/program.ts";
import { exportCounterNames, exportCounters, exporter, exportRing } from "../../../src/mark/ioam/export/dex.bpf.ts";
import type { Random } from "../../fuzz/random.ts";
import { filledRight, insertedRight, isSame, strippedRight } from "./invariants.ts";
import { mutatedPacket, plainPacket } from "./packets.ts";

/** What went in and came out of many packets. */
export interface Tally {
  packets: number;
  dropped: number;
  changed: number;
  /** Packets that left with another length. */
  resized: number;
}

export type Counted = Readonly<Record<string, number>>;

export interface Subject {
  readonly name: string;
  readonly program: Program<"tc"> | Program<"xdp">;
  /** The verdict that drops. */
  readonly drop: number;
  /** Before the first packet. */
  prepare?(kernel: LoadedProgram, v8: SimulatedMaps): void;
  readonly counters?: { readonly map: Counters; readonly names: readonly string[] };
  readonly ring?: RingBuffer;
  packet(random: Random): Uint8Array;
  /** What is wrong with one packet's way, or nothing. */
  check(given: Uint8Array, verdict: number, output: Uint8Array): string;
  /** What is wrong with the counters of many, or nothing; `records` came out of the ring. */
  checkCounters?(counted: Counted, tally: Tally, records: number): string;
}

const named = (...verdicts: readonly number[]) => {
  const all: ReadonlySet<number> = new Set(verdicts);
  return (verdict: number): string => (all.has(verdict) ? "" : `verdict ${verdict} has no name`);
};
const mustNameAtXdp = named(Xdp.Drop, Xdp.Pass, Xdp.Redirect);

/** What every lookup answers. */
export const route = {
  ...noRoute,
  code: Fib.Success,
  ifindex: 5,
  mtu: 1500,
  sourceMac: mac("02:00:00:00:00:03"),
  destinationMac: mac("02:00:00:00:00:04"),
};

const mustName = named(Tc.Next, Tc.Drop);

const dropping = outcomeNames.slice(FIRST_DROPPED);
const sumOf = (counted: Counted, names: readonly string[]): number =>
  names.reduce((sum, name) => sum + (counted[name] ?? 0), 0);

/** A packet with a Hop-by-Hop header is counted at least once; it is dropped under one reason and counted under that. */
const outcomesRight = (counted: Counted, tally: Tally): string => {
  const drops = sumOf(counted, dropping);
  if (drops !== tally.dropped) return `${tally.dropped} packets dropped, ${drops} counted as such`;
  const all = sumOf(counted, outcomeNames);
  return all < tally.packets ? `${tally.packets} packets, ${all} outcomes` : "";
};

const rules = [
  rule({ prefix: prefixOf(0xdb02), traceType: 0xf00000, size: 48 }),
  rule({ slot: 1, prefix: prefixOf(0xdb03), traceType: 0xfff002, size: 244, namespace: namespaces.withSchema }),
  rule({ slot: 2, prefix: prefixOf(0xdb04), traceType: 0x010000, size: 20 }),
  rule({ slot: 3, prefix: prefixOf(0xdb05), traceType: 0xfff002, size: 8 }),
  rule({ slot: 4, prefix: prefixOf(0xdb06), traceType: 0x800000, size: 4 }),
];
const destinations = ["db02::2", "db03::9", "db04::1", "db05::1", "db06::1", "db07::1"];

function prefixOf(first: number): { high: bigint; low: bigint; highMask: bigint; lowMask: bigint } {
  return { high: BigInt(first) << 48n, low: 0n, highMask: 0xffff_0000_0000_0000n, lowMask: 0n };
}

const slots = rules.flatMap((_, slot) => encapReasons.map((reason) => `${slot} ${reason}`));
const encapSum = (counted: Counted, reasons: readonly string[]): number =>
  sumOf(
    counted,
    slots.filter((name) => reasons.includes(name.slice(2))),
  );

export const subjects: readonly Subject[] = [
  {
    name: "transit ingress",
    program: transitIngress({ node, device }),
    drop: Tc.Drop,
    counters: { map: transitCounters, names: outcomeNames },
    packet: mutatedPacket,
    check: (given, verdict, output) => mustName(verdict) || filledRight(given, output),
    checkCounters: outcomesRight,
  },
  {
    name: "transit egress",
    program: leaveAfter({ node, device }, 99n),
    drop: Tc.Drop,
    packet: mutatedPacket,
    check: (given, verdict, output) => mustName(verdict) || filledRight(given, output),
  },
  {
    name: "transit XDP",
    program: transitXdp({ node, device, mac: mac("02:00:00:00:00:02"), table: false, frags: false }),
    drop: Xdp.Drop,
    counters: { map: transitCounters, names: outcomeNames },
    prepare: (kernel, v8) => {
      for (const handle of [kernel.map(egressInterfaces), v8.map(egressInterfaces)])
        handle.set({ ifindex: route.ifindex }, { id: 7, idWide: 8, takes: Takes.OneBuffer, confirmedAt: clock.taiNs });
    },
    packet: mutatedPacket,
    check: (given, verdict, output) => {
      const wrong = mustNameAtXdp(verdict);
      if (wrong !== "" || verdict !== Xdp.Redirect) return wrong || filledRight(given, output);
      const forwarded = given.slice();
      forwarded.set(addressBytes("mac", route.destinationMac));
      forwarded.set(addressBytes("mac", route.sourceMac), 6);
      forwarded[21]! -= 1;
      return filledRight(forwarded, output);
    },
    checkCounters: outcomesRight,
  },
  {
    name: "sink",
    program: sink({ node, device }),
    drop: Tc.Drop,
    counters: { map: sinkCounters, names: sinkCounterNames },
    ring: sinkRing,
    packet: mutatedPacket,
    check: (given, verdict, output) => mustName(verdict) || strippedRight(given, output),
    checkCounters: (counted, tally, records) => {
      const received = counted["received"] ?? 0;
      const reported = received - (counted["ringFull"] ?? 0);
      const kept = sumOf(counted, ["notStripped", "otherOptionsKept"]);
      if (records !== reported) return `${reported} records counted, ${records} came`;
      // Options that ask for reports are taken off, too.
      const ended = received + (counted["notATrace"] ?? 0);
      if (tally.resized > ended) return `${tally.resized} packets stripped, ${ended} options taken off`;
      if (tally.resized + kept > tally.packets) return `${tally.resized} packets stripped and ${kept} kept`;
      return outcomesRight(counted, tally);
    },
  },
  {
    name: "exporter",
    program: exporter({ node, device }),
    drop: Tc.Drop,
    counters: { map: exportCounters, names: exportCounterNames },
    ring: exportRing,
    packet: mutatedPacket,
    check: (given, verdict, output) =>
      verdict !== Tc.Next ? `verdict ${verdict} of an exporting node` : isSame(given, output) ? "" : "a packet changed",
    checkCounters: (counted, _, records) =>
      records === counted["exported"] ? "" : `${counted["exported"]} records counted, ${records} came`,
  },
  {
    name: "encap inline",
    program: encap({ node, device, rules }),
    drop: Tc.Drop,
    counters: { map: encapCounters, names: slots },
    packet: (random) => plainPacket(random, destinations),
    check: (given, verdict, output) => {
      if (verdict !== Tc.Next) return `verdict ${verdict} of an encapsulating node`;
      return insertedRight(given, output);
    },
    checkCounters: (counted, tally) => {
      const sent = encapSum(counted, ["sent"]);
      const all = encapSum(
        counted,
        encapReasons.filter((reason) => reason !== "segments"),
      );
      if (sent !== tally.changed) return `${tally.changed} packets got a header, ${sent} counted as sent`;
      return all > tally.packets ? `${all} packets counted of ${tally.packets}` : "";
    },
  },
];

export const changed = (given: Uint8Array, output: Uint8Array): boolean => !isSame(given, output);
