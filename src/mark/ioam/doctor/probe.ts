/** Sends packets along a path and watches them at every interface of it. */
import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { errnoName } from "../../../linux/errno.ts";
import { Icmpv6Socket } from "../../../linux/icmpv6-socket.ts";
import { parseMac } from "../../../linux/ip-address.ts";
import { PacketTap, sendPastTc } from "../../../linux/packet-tap.ts";
import { neighbours } from "../../../linux/rtnetlink/neighbours.ts";
import { openRtnetlink } from "../../../linux/rtnetlink/socket.ts";
import { formatAddress, ipv6 } from "../../../wire/address.ts";
import { encodePacket } from "../../../wire/packet/encode.ts";
import type { Path, PathHop } from "./path.ts";
import { seenPacket, type SeenPacket } from "./seen-packet.ts";

/** A packet at one place of the path. */
export interface Sighting {
  /** Which of the path's nodes. */
  readonly hop: number;
  /** Before the node did anything, or after all. */
  readonly side: "in" | "out";
  readonly packet: SeenPacket;
}

export interface ProbeResult {
  /** Why it could not be sent: an errno's name. */
  readonly refused: string | null;
  /** In the order of the path. */
  readonly sightings: readonly Sighting[];
  /** Null: nothing came back. `reply`, or an error's type and code (RFC 4443) and who sent it. */
  readonly answer: "reply" | { readonly type: number; readonly code: number; readonly from: string } | null;
}

export interface ProbeOptions {
  /** Bytes of the whole packet before anything is inserted; at least 48. */
  readonly length?: number;
  /** A Hop-by-Hop header to send it with. */
  readonly hopByHop?: Uint8Array;
  /** Past the programs at tc egress, so that nothing is inserted. */
  readonly pastTc?: true;
  /** So many at once; the answer is that of the first that gets a trace, else of the last. */
  readonly copies?: number;
}

const ECHO_REQUEST = 128;
const ECHO_REPLY = 129;
const IPV6_BYTES = 40;
const ECHO_BYTES = 8;
/** How long stragglers are waited for once the answer is there. */
const SETTLE_MS = 20;
const POLL_MS = 5;

/** Taps on all interfaces of a path, and a socket at its start. Close it. */
export class Prober {
  readonly #path: Path;
  readonly #address: string;
  readonly #answerMs: number;
  readonly #taps: { readonly hop: number; readonly side: "in" | "out"; readonly tap: PacketTap }[] = [];
  readonly #socket: Icmpv6Socket;
  readonly #identifier = randomInt(1, 0xffff);
  /** Packets with a trace to the address that are not ours. */
  readonly others: Sighting[] = [];
  #sequence = 0;

  /** Needs CAP_NET_RAW. */
  constructor(path: Path, address: string, answerMs: number) {
    this.#path = path;
    this.#answerMs = answerMs;
    this.#address = address;
    const [first] = path.hops;
    if (first === undefined) throw new RangeError("a path without nodes");
    this.#socket = new Icmpv6Socket(first.node.netns);
    try {
      for (const [hop, { node, ingress, egress }] of path.hops.entries()) {
        for (const [side, device] of [
          ["in", ingress],
          ["out", egress],
        ] as const) {
          if (device !== null) this.#taps.push({ hop, side, tap: new PacketTap(node.netns, device.index, address) });
        }
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async send(options: ProbeOptions = {}): Promise<ProbeResult> {
    const { copies = 1 } = options;
    const first = this.#sequence + 1;
    this.#socket.setHopByHop(options.hopByHop ?? new Uint8Array(0));
    for (let copy = 0; copy < copies; copy++) {
      const message = echoRequest(this.#identifier, ++this.#sequence, (options.length ?? 0) - IPV6_BYTES);
      const sent = options.pastTc === true ? this.#sendPastTc(message) : this.#socket.send(this.#address, message);
      if (sent < 0) return { refused: errnoName(-sent), sightings: [], answer: null };
    }
    const seen: Sighting[] = [];
    const answers = new Map<number, NonNullable<ProbeResult["answer"]>>();
    let end = performance.now() + this.#answerMs;
    while (performance.now() < end) {
      await delay(POLL_MS);
      seen.push(...this.#sightings(first));
      const before = answers.size;
      this.#answers(answers);
      if (before < copies && answers.size >= copies) end = Math.min(end, performance.now() + SETTLE_MS);
    }
    const traced = seen.find(({ hop, side, packet }) => hop === 0 && side === "out" && packet.trace !== null);
    const sequence = traced?.packet.echo?.sequence ?? this.#sequence;
    const sightings = inOrder(seen.filter(({ packet }) => packet.echo?.sequence === sequence));
    return { refused: null, sightings, answer: answers.get(sequence) ?? null };
  }

  /** Watches for so long what others send. */
  async watch(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      await delay(POLL_MS);
      this.#sightings(this.#sequence + 1);
    }
  }

  close(): void {
    for (const { tap } of this.#taps) tap.close();
    this.#socket.close();
  }

  /** What was seen since it was asked last of probes from that sequence number on; others' packets are put aside. */
  #sightings(first: number): Sighting[] {
    const found: Sighting[] = [];
    for (const { hop, side, tap } of this.#taps) {
      for (let read = 0; read < MAX_READ; read++) {
        const tapped = tap.read();
        if (tapped === undefined) break;
        if (tapped.direction !== side) continue;
        const packet = seenPacket(tapped.bytes);
        if (packet === null || packet.innerDestination !== this.#address) continue;
        if (packet.echo?.identifier === this.#identifier) {
          if (packet.echo.sequence >= first) found.push({ hop, side, packet });
        } else if (packet.trace !== null && this.others.length < MAX_OTHERS) this.others.push({ hop, side, packet });
      }
    }
    return found;
  }

  /** Adds what came back, by sequence number. */
  #answers(answers: Map<number, NonNullable<ProbeResult["answer"]>>): void {
    for (;;) {
      const message = this.#socket.read();
      if (message === undefined) return;
      const { bytes, source } = message;
      const [type = 0, code = 0] = bytes;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      if (type === ECHO_REPLY && bytes.length >= ECHO_BYTES) {
        if (view.getUint16(4) === this.#identifier) answers.set(view.getUint16(6), "reply");
      } else if (type < ECHO_REQUEST) {
        const quoted = seenPacket(bytes.subarray(ECHO_BYTES))?.echo;
        if (quoted?.identifier === this.#identifier)
          answers.set(quoted.sequence, { type, code, from: formatAddress("ipv6", source, 0) });
      }
    }
  }

  #sendPastTc(message: Uint8Array): number {
    const [first] = this.#path.hops;
    const source = first?.egress?.addresses.find((address) => address.includes(":") && !address.startsWith("fe80"));
    const mac = first === undefined ? undefined : neighbourMac(first, this.#address);
    const egress = first?.egress ?? null;
    if (first === undefined || egress === null || source === undefined || mac === undefined) return -EHOSTUNREACH;
    const [type = 0, code = 0] = message;
    const packet = encodePacket([
      {
        protocol: "ipv6",
        header: { source: ipv6(source), destination: ipv6(this.#address), hopLimit: egress.hopLimit },
      },
      { protocol: "icmpv6", header: { type, code }, body: { identifier: this.#identifier, sequence: this.#sequence } },
      { protocol: "payload", bytes: message.subarray(ECHO_BYTES) },
    ]);
    sendPastTc(first.node.netns, egress.index, mac, packet);
    return packet.length;
  }
}

const MAX_READ = 4096;
const MAX_OTHERS = 4096;
const EHOSTUNREACH = 113;

/** RFC 4443, section 4.1; the checksum is filled in by who sends it. */
const echoRequest = (identifier: number, sequence: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(Math.max(ECHO_BYTES, length));
  const view = new DataView(bytes.buffer);
  bytes[0] = ECHO_REQUEST;
  view.setUint16(4, identifier);
  view.setUint16(6, sequence);
  return bytes;
};

const neighbourMac = ({ node, egress, route }: PathHop, address: string): Uint8Array | undefined => {
  const socket = openRtnetlink(node.netns);
  try {
    const next = route?.gateway ?? address;
    const found = neighbours(socket).find((one) => one.index === egress?.index && one.address === next);
    return found?.mac === undefined ? undefined : parseMac(found.mac);
  } finally {
    socket.close();
  }
};

const inOrder = (sightings: readonly Sighting[]): Sighting[] =>
  sightings.toSorted((a, b) => a.hop - b.hop || (a.side === b.side ? 0 : a.side === "in" ? -1 : 1));
