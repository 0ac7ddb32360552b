import { encodePacket } from "../../../src/wire/packet/encode.ts";
import { setElement, type Contestant, type Spec } from "../spec.ts";
import { hashOfFrame } from "./flow-hash.ts";
import {
  arp,
  changed,
  Drop,
  ethernet,
  FRAGMENT_AT,
  ip4,
  IP_AT,
  ip6,
  L4_AT,
  Pass,
  payload,
  PROTOCOL_AT,
  tcp,
  tcp4,
  Tx,
  udp,
  udp6,
} from "./packets.ts";

const FORWARDED = 0;
const NOT_A_FLOW = 1;
const MALFORMED = 2;
const NO_BACKEND = 3;

const SLOTS = 65537;
const MAX_BACKENDS = 1024;
const BACKENDS = 1000;

const slotOf = (frame: Uint8Array): number => Number(((hashOfFrame(frame) >> 32n) * BigInt(SLOTS)) >> 32n);
const macOf = (backend: number): number[] => [2, 0, 0, 1, backend >> 8, backend & 255];
const backendOf = (slot: number): number => (slot * 7) % BACKENDS;

const udp4 = encodePacket([ethernet, ip4, udp, payload(16)]);
const tcp6 = encodePacket([ethernet, ip6, tcp, payload(16)]);
/** A flow whose slot names a backend that there is not. */
const nowhere = changed(udp4, L4_AT, 0x77, 0x77);

const word = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);

const prepare = (contestant: Contestant): void => {
  const table = contestant.map("table");
  const backends = contestant.map("backends");
  for (let slot = 0; slot < SLOTS; slot++) setElement(table, slot, word(backendOf(slot)));
  for (let backend = 0; backend < BACKENDS; backend++) {
    setElement(backends, backend, Uint8Array.from([...macOf(backend), 0, 0]));
  }
  setElement(table, slotOf(nowhere), word(MAX_BACKENDS));
};

const forwarded = (frame: Uint8Array): Uint8Array =>
  changed(frame, 0, ...macOf(backendOf(slotOf(frame))), ...frame.subarray(0, 6));

const flow = (name: string, packet: Uint8Array): Spec["samples"][number] => ({
  name,
  packet,
  verdict: Tx,
  after: forwarded(packet),
  counts: { [FORWARDED]: [1] },
});

export const maglev: Spec = {
  name: "maglev",
  program: "maglev",
  repeat: "maglev",
  prepare,
  samples: [
    flow("IPv4, TCP", tcp4),
    flow("IPv4, UDP", udp4),
    flow("IPv6, TCP", tcp6),
    flow("IPv6, UDP", udp6),
    { name: "no backend", packet: nowhere, verdict: Drop, counts: { [NO_BACKEND]: [1] } },
    { name: "a fragment", packet: changed(tcp4, FRAGMENT_AT, 0x20), verdict: Pass, counts: { [NOT_A_FLOW]: [1] } },
    { name: "ICMP", packet: changed(tcp4, PROTOCOL_AT, 1), verdict: Pass, counts: { [NOT_A_FLOW]: [1] } },
    { name: "ICMPv6", packet: changed(udp6, 20, 58), verdict: Pass, counts: { [NOT_A_FLOW]: [1] } },
    { name: "ARP", packet: arp, verdict: Pass, counts: { [NOT_A_FLOW]: [1] } },
    { name: "IHL 4", packet: changed(tcp4, IP_AT, 0x44), verdict: Drop, counts: { [MALFORMED]: [1] } },
    { name: "cut in the ports", packet: tcp4.slice(0, L4_AT + 3), verdict: Drop, counts: { [MALFORMED]: [1] } },
    { name: "cut in IPv6", packet: udp6.slice(0, 53), verdict: Drop, counts: { [MALFORMED]: [1] } },
  ],
};
