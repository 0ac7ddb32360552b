/** What a fuzz program is run on: a packet and what the environment says. */
import type { ProgramType, Purpose } from "../../src/kernel/program.ts";
import { noRoute, type EnvironmentRoute } from "../../src/kernel/environment.ts";
import * as address from "../../src/wire/address.ts";
import type { TypeOf } from "../../src/wire/layout.ts";
import type { TcFields } from "../../src/kernel/simulate/tc-machine.ts";
import type { Random } from "./random.ts";

export interface Surroundings {
  readonly monotonicNs: bigint;
  readonly taiNs: bigint;
  readonly random: number;
  readonly objectAddress: bigint;
  readonly egressBacklog: number;
  /** What every `fibLookup` answers. */
  readonly route: TypeOf<typeof EnvironmentRoute>;
}

/** Fields of `struct __sk_buff` that TEST_RUN takes. */
export type SkbInput = Pick<TcFields, "mark" | "priority" | "gsoSegments" | "timestamp" | "hardwareTimestamp">;

export interface Input {
  readonly packet: Uint8Array;
  /** Bytes that follow where the program takes frames in several buffers. */
  readonly more: number;
  readonly surroundings: Surroundings;
  /** Of programs that are not XDP's. */
  readonly skb: SkbInput;
}

export const noSkb: SkbInput = { mark: 0, priority: 0, gsoSegments: 0, timestamp: 0n, hardwareTimestamp: 0n };

export const randomInputs = (random: Random, count: number): Input[] =>
  Array.from({ length: count }, () => ({
    packet: randomPacket(random),
    more: random.chance(0.4) ? random.between(0, LARGEST_XDP - 1600) : 0,
    surroundings: {
      monotonicNs: random.bigint(random.pick([8, 48, 64])),
      taiNs: random.bigint(61),
      random: random.u32(),
      objectAddress: random.bigint(64),
      egressBacklog: random.u32(),
      route: randomRoute(random),
    },
    skb: {
      mark: random.chance(0.5) ? 0 : random.u32(),
      priority: random.chance(0.5) ? 0 : random.u32(),
      gsoSegments: random.chance(0.7) ? 0 : random.below(65_536),
      timestamp: random.chance(0.5) ? 0n : random.bigint(64),
      hardwareTimestamp: random.chance(0.5) ? 0n : random.bigint(64),
    },
  }));

/** The packet as a program of this type is run on it: no cgroup sees a packet that ends with its MAC header. */
export const packetFor = (type: ProgramType, { frags = false }: Purpose, { packet, more }: Input): Uint8Array => {
  if (type === "cgroupSkb" && packet.length === 14) return Uint8Array.from([...packet, 0]);
  if (!frags || more === 0) return packet;
  const longer = new Uint8Array(packet.length + more);
  for (let at = 0; at < longer.length; at += packet.length) longer.set(packet.subarray(0, longer.length - at), at);
  return longer;
};

/** What TEST_RUN takes in XDP programs. */
const LARGEST_XDP = 9000;

const randomRoute = (random: Random): Surroundings["route"] => ({
  ...noRoute,
  code: random.pick([0, 0, 0, 4, 7, -22]),
  ifindex: random.u32(),
  metric: random.u32(),
  mtu: random.pick([0, 1500, 0xffff]),
  sourceMac: address.mac("02:00:00:00:00:01"),
  destinationMac: address.mac("02:fe:00:80:00:02"),
  nextHop4: address.ipv4("10.0.0.254"),
  nextHop6: address.ipv6("fe80::9"),
});

const randomPacket = (random: Random): Uint8Array => {
  const length = random.weighted<() => number>([
    [2, () => random.between(14, 60)],
    [4, () => random.between(54, 200)],
    [1, () => random.between(200, 1500)],
    [1, () => random.pick([14, 34, 54, 60, 64, 1500])],
  ])();
  const packet = random.chance(0.2) ? new Uint8Array(length) : random.bytes(length);
  if (random.chance(0.15)) packet.fill(0xff, 0, random.below(length));
  random.weighted<() => void>([
    [4, () => ipv6(random, packet)],
    [2, () => ipv4(random, packet)],
    [3, () => {}],
  ])();
  if (random.chance(0.2)) return tagged(random, packet);
  if (packet.length < headersEnd(packet)) put(packet, 12, [0x88, 0xb5]);
  return packet;
};

/** The kernel runs no tc program on a frame that promises an IP header and ends before it does. */
const headersEnd = (packet: Uint8Array): number => {
  const etherType = ((packet[12] ?? 0) << 8) | (packet[13] ?? 0);
  return etherType === 0x86dd ? 54 : etherType === 0x0800 ? 34 : 14;
};

const put = (packet: Uint8Array, at: number, bytes: readonly number[]): void => {
  bytes.forEach((byte, index) => {
    if (at + index < packet.length) packet[at + index] = byte;
  });
};

/** One to three VLAN tags behind the MAC addresses; the last may promise more than there is. */
const tagged = (random: Random, packet: Uint8Array): Uint8Array => {
  const tags = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => [
    ...random.pick([
      [0x81, 0],
      [0x81, 0],
      [0x88, 0xa8],
    ]),
    ...random.bytes(2),
  ]).flat();
  const whole = Uint8Array.from([...packet.subarray(0, 12), ...tags, ...packet.subarray(12)]);
  return random.chance(0.2) ? whole.subarray(0, random.between(14, whole.length)) : whole;
};

const ipv6 = (random: Random, packet: Uint8Array): void => {
  const payload = Math.max(packet.length - 54, 0);
  put(packet, 12, [0x86, 0xdd, 0x60, 0, 0, 0, payload >> 8, payload & 0xff, random.pick([6, 17, 58, 0, 59]), 64]);
  put(packet, 22, [0xdb, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  if (random.chance(0.5)) put(packet, 38, [0xdb, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
  if (random.chance(0.5)) put(packet, 54, [0x1f, 0x90, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff]);
};

const ipv4 = (random: Random, packet: Uint8Array): void => {
  const total = Math.max(packet.length - 14, 20);
  put(packet, 12, [0x08, 0x00, 0x45, 0, total >> 8, total & 0xff, 0, 1, 0x40, 0, 64, random.pick([1, 6, 17])]);
  put(packet, 26, [10, 0, 0, 1, 10, 0, 0, 2]);
};
