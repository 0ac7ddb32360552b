/** Encapsulating nodes: each mode, and each option that a packet can get. */
import { Tc } from "../../../src/kernel/context.ts";
import { Fib } from "../../../src/kernel/fib.ts";
import type { LoadedProgram } from "../../../src/bpf/loaded-program.ts";
import type { SimulatedMaps } from "../../../src/kernel/simulate/simulated-maps.ts";
import { encapCounters, encapReasons } from "../../../src/mark/ioam/encap/counters.ts";
import { e2eSequences } from "../../../src/mark/ioam/encap/edge-to-edge.bpf.ts";
import { encap } from "../../../src/mark/ioam/encap/encap.bpf.ts";
import type { EncapRule, EncapTunnel } from "../../../src/mark/ioam/encap/rule.ts";
import { GROUPS, originOf, SEQUENCE_BITS } from "../../../src/mark/ioam/sequence-number.ts";
import { device, namespaces, node, rule } from "../../../src/mark/ioam/test-support/nodes.ts";
import { ipv6 } from "../../../src/wire/address.ts";
import { HOP_BY_HOP_AT } from "../../../src/mark/ioam/conformance/frames.ts";
import { insertedRight } from "./invariants.ts";
import { plainPacket } from "./packets.ts";
import { countersOf, named, route, sumOf, type Counted, type Subject, type Tally } from "./subject.ts";
import { outerOf, tunnelledRight } from "./tunnel-invariants.ts";

const prefixOf = (first: number): EncapRule["prefix"] => ({
  high: BigInt(first) << 48n,
  low: 0n,
  highMask: 0xffff_0000_0000_0000n,
  lowMask: 0n,
});

const rules = [
  rule({ prefix: prefixOf(0xdb02), traceType: 0xf00000, size: 48 }),
  rule({ slot: 1, prefix: prefixOf(0xdb03), traceType: 0xfff002, size: 244, namespace: namespaces.withSchema }),
  rule({ slot: 2, prefix: prefixOf(0xdb04), traceType: 0x010000, size: 20 }),
  rule({ slot: 3, prefix: prefixOf(0xdb05), traceType: 0xfff002, size: 8 }),
  rule({ slot: 4, prefix: prefixOf(0xdb06), traceType: 0x800000, size: 4 }),
];
const destinations = ["db02::2", "db03::9", "db04::1", "db05::1", "db06::1", "db07::1"];

const slots = rules.flatMap((_, slot) => encapReasons.map((reason) => `${slot} ${reason}`));
const encapSum = (counted: Counted, reasons: readonly string[]): number =>
  sumOf(
    counted,
    slots.filter((name) => reasons.includes(name.slice(2))),
  );

/** Each packet is counted under one reason at most; those that got a header, as sent. */
const encapCounted = (counted: Counted, tally: Tally): string => {
  const sent = encapSum(counted, ["sent"]);
  const all = encapSum(
    counted,
    encapReasons.filter((reason) => reason !== "segments"),
  );
  if (sent !== tally.resized) return `${tally.resized} packets got a header, ${sent} counted as sent`;
  return all > tally.packets ? `${all} packets counted of ${tally.packets}` : "";
};

const encapSubject = (
  name: string,
  own: readonly EncapRule[],
  rest: Pick<Subject, "check"> & Partial<Subject>,
): Subject => ({
  name,
  program: encap({ node, device, rules: own }),
  drop: Tc.Drop,
  counters: countersOf(encapCounters, slots),
  packet: (random) => plainPacket(random, destinations),
  checkCounters: encapCounted,
  ...rest,
});

const stays = (verdict: number): string => (verdict === Tc.Next ? "" : `verdict ${verdict} of an encapsulating node`);

/** The interface that TEST_RUN says the packet leaves by. */
const OWN = 1;
const REDIRECT = 7;
const tunnel: EncapTunnel = {
  source: ipv6("db0f::1"),
  destination: ipv6("db0e::2"),
  ifindex: OWN,
  egress: { id: 0x6162, idWide: 0x7172_7374, network: 14 },
  mtu: 1500,
};
const mustGoOn = named(Tc.Next, REDIRECT);
const known = { ...route, ifindex: OWN };
const toNeighbour = outerOf(tunnel, known);
const toTunnel = outerOf(tunnel);

/** Sequence numbers follow each other, whoever looks. */
class Numbers {
  readonly #next = new Map<bigint | number, bigint>();

  follows(of: bigint | number, number: bigint): string {
    const expected = this.#next.get(of) ?? 0n;
    this.#next.set(of, number + 1n);
    return number === expected ? "" : `number ${number} of ${of}, not ${expected}`;
  }
}

/** Where the packet's first option of that type starts; -1 when it has none. */
const optionAt = (packet: Uint8Array, type: number, ioamType: number): number => {
  const end = HOP_BY_HOP_AT + 8 + packet[HOP_BY_HOP_AT + 1]! * 8;
  for (let at = HOP_BY_HOP_AT + 2; at < end; at += packet[at] === 0 ? 1 : 2 + packet[at + 1]!)
    if (packet[at] === type && packet[at + 3] === ioamType) return at;
  return -1;
};
const viewOf = (packet: Uint8Array): DataView => new DataView(packet.buffer, packet.byteOffset, packet.length);

const flowIdOf = (slot: number): number => 0xf10a_0000 + slot;
const FLOW_ID_AT = 12;
const asking = new Numbers();
const asksRight = (given: Uint8Array, output: Uint8Array): string => {
  const wrong = insertedRight(given, output);
  if (wrong !== "" || given.length === output.length) return wrong;
  const at = optionAt(output, 0x11, 4);
  if (at < 0) return "no Direct Export option";
  const view = viewOf(output);
  const flowId = view.getUint32(at + FLOW_ID_AT);
  // The prefix of a rule is 16 bits.
  if (flowId !== flowIdOf(view.getUint16(38) - 0xdb02)) return `flow ${flowId}`;
  return asking.follows(flowId, BigInt(view.getUint32(at + FLOW_ID_AT + 4)));
};

const originOfRule = (slot: number): number => 0x700 + slot;
const SEQUENCE_AT = 8;
const numbering = new Numbers();
const numberedRight = (given: Uint8Array, output: Uint8Array): string => {
  const wrong = insertedRight(given, output);
  if (wrong !== "" || given.length === output.length) return wrong;
  const at = optionAt(output, 0x31, 3);
  if (at < 0 || optionAt(output, 0x31, 0) < at) return "no number in front of a trace";
  const view = viewOf(output);
  const sequence = view.getBigUint64(at + SEQUENCE_AT);
  const group = Number(sequence >> SEQUENCE_BITS);
  if (originOf(group) !== originOfRule(view.getUint16(38) - 0xdb02)) return `origin ${originOf(group)}`;
  return numbering.follows(group, sequence & ((1n << SEQUENCE_BITS) - 1n));
};

const sameSequences = (kernel: LoadedProgram, v8: SimulatedMaps): void => {
  const [from, to] = [kernel.map(e2eSequences), v8.map(e2eSequences)];
  for (let index = 0; index < rules.length * GROUPS; index++) to.set(index, from.get(index) ?? { value: 0n });
};

export const encapSubjects: readonly Subject[] = [
  encapSubject("encap inline", rules, {
    check: (given, verdict, output) => stays(verdict) || insertedRight(given, output),
  }),
  encapSubject(
    "encap tunnel",
    rules.map((own) => ({ ...own, mode: "encap", tunnel })),
    {
      route: known,
      check: (given, verdict, output) => stays(verdict) || tunnelledRight(given, output, toNeighbour),
    },
  ),
  encapSubject(
    "encap auto",
    rules.map((own) => ({ ...own, mode: "auto", tunnel })),
    {
      // No neighbour is known: the stack asks for it.
      route: { ...known, code: Fib.NoNeigh },
      context: (random) => ({ ingressIfindex: random.chance(0.5) ? 0 : 5 }),
      check: (given, verdict, output, context) => {
        if (context?.ingressIfindex === 0) return stays(verdict) || insertedRight(given, output);
        const isTunnelled = output.length !== given.length;
        const wrong = isTunnelled === (verdict === REDIRECT) ? mustGoOn(verdict) : `verdict ${verdict}`;
        return wrong || tunnelledRight(given, output, toTunnel);
      },
    },
  ),
  encapSubject(
    "encap dex",
    rules.map((own) => ({ ...own, directExport: { flowId: flowIdOf(own.slot), counter: own.profile * GROUPS } })),
    { follow: sameSequences, check: (given, verdict, output) => stays(verdict) || asksRight(given, output) },
  ),
  encapSubject(
    "encap e2e",
    rules.map((own) => ({ ...own, numbers: { origin: originOfRule(own.slot), first: own.profile * GROUPS } })),
    { follow: sameSequences, check: (given, verdict, output) => stays(verdict) || numberedRight(given, output) },
  ),
];
