/**
 * The programs of IOAM's nodes on packets that try every rule. The host runs them in V8, the guest in its kernel: in the
 * emulator, V8 takes a minute for what takes it a second outside.
 */
import { noRoute, type Environment } from "../../src/kernel/environment.ts";
import { Fib } from "../../src/kernel/fib.ts";
import type { Program } from "../../src/kernel/program.ts";
import { environmentRoutes } from "../../src/kernel/simulate/simulated-routes.ts";
import { SimulatedMaps } from "../../src/kernel/simulate/simulated-maps.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import { PAYLOAD, ruleCases, severalOptions } from "../../src/mark/ioam/conformance/cases.ts";
import { frame } from "../../src/mark/ioam/conformance/frames.ts";
import { encap } from "../../src/mark/ioam/encap/encap.bpf.ts";
import { sink } from "../../src/mark/ioam/sink/sink.bpf.ts";
import { taiOffset } from "../../src/mark/feature/tai-offset.ts";
import { clock, device, namespaces, node, rule, TAI_OFFSET } from "../../src/mark/ioam/test-support/nodes.ts";
import { transitIngress } from "../../src/mark/ioam/transit/transit.bpf.ts";
import { transitXdp } from "../../src/mark/ioam/transit/xdp.bpf.ts";
import { egressInterfaces, Takes } from "../../src/mark/ioam/transit/xdp-maps.ts";
import { mac } from "../../src/wire/address.ts";
import type { TypeOf } from "../../src/wire/layout.ts";

/** What came of one packet. */
export interface Outcome {
  readonly verdict: number;
  /** Hexadecimal. */
  readonly packet: string;
}

export interface Subject {
  readonly program: Program<"tc"> | Program<"xdp">;
  readonly packets: readonly { readonly name: string; readonly packet: Uint8Array }[];
}

const traced = [...ruleCases, ...severalOptions].map(({ name, ...rest }) => ({
  name,
  packet: frame({ ...rest, payload: new Uint8Array(PAYLOAD) }),
}));

/** Packets of all lengths, which get a trace while there is room. */
const plain = [0, 1, 40, 1279, 1280, 1396, 1400, 1460].map((length) => ({
  name: `${length} bytes of UDP`,
  packet: frame({ protocol: 17, payload: new Uint8Array(length).fill(length) }),
}));

/** Without queue depth (bit 6), which this kernel's programs cannot know. */
const everyKnownField = rule({ traceType: 0xfdf002, size: 100, namespace: namespaces.withSchema });
const ownMac = mac("02:00:00:00:00:02");

export const subjects: readonly Subject[] = [
  { program: encap({ node, device, rules: [everyKnownField] }), packets: [...plain, ...traced] },
  { program: transitIngress({ node, device }), packets: traced },
  { program: transitXdp({ node, device, mac: ownMac, table: false, frags: false }), packets: traced },
  { program: sink({ node, device }), packets: traced },
];

const OUT = 5;
/** What every program is told of the world around it. */
export const surroundings: TypeOf<typeof Environment> = {
  monotonicNs: clock.monotonicNs,
  taiNs: clock.taiNs,
  objectAddress: 0n,
  cpu: 0,
  random: 0,
  egressBacklog: 0,
  route: {
    ...noRoute,
    code: Fib.Success,
    ifindex: OUT,
    mtu: 1500,
    sourceMac: mac("02:00:00:00:00:03"),
    destinationMac: mac("02:00:00:00:00:04"),
  },
};
export const egress = {
  key: { ifindex: OUT },
  value: { id: 0x7778, idWide: 0x8182_8384, takes: Takes.Frags, confirmedAt: clock.taiNs },
} as const;

/** For each program, by its place in {@link subjects}, what V8 makes of its packets. */
export const inV8 = (): readonly (readonly Outcome[])[] => subjects.map(outcomes);

const outcomes = ({ program, packets }: Subject): readonly Outcome[] => {
  const maps = new SimulatedMaps();
  maps.map(taiOffset).value = TAI_OFFSET;
  maps.map(egressInterfaces).set(egress.key, egress.value);
  return packets.map(({ packet }) => {
    const environment = { ...surroundings, routes: environmentRoutes(surroundings.route) };
    const world = { packet, environment, maps };
    const { verdict, packet: after } =
      program.type === "tc" ? simulate(program as Program<"tc">, world) : simulate(program as Program<"xdp">, world);
    return { verdict, packet: Buffer.from(after).toString("hex") };
  });
};
