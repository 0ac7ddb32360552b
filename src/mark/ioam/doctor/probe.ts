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
import type { InterfaceFacts, OpenNode } from "./node-facts.ts";
import type { Path, PathHop } from "./path.ts";
import { seenPacket, type SeenPacket } from "./seen-packet.ts";
import { placeOf, seenOn, type PlacedPacket, type Seen, type Side } from "./sighting.ts";

export interface ProbeResult extends Seen {
  /** Why it could not be sent: an errno's name. */
  readonly refused: string | null;
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

interface Tapped {
  readonly node: OpenNode;
  readonly device: InterfaceFacts;
  readonly side: Side;
  readonly tap: PacketTap;
}

/** Taps on all interfaces of the paths, and a socket at their start. Close it. */
export class Prober {
  readonly #paths: readonly Path[];
  readonly #first: PathHop;
  readonly #address: string;
  readonly #answerMs: number;
  readonly #taps: Tapped[] = [];
  readonly #socket: Icmpv6Socket;
  readonly #identifier = randomInt(1, 0xffff);
  /** Packets with a trace to the address that are not ours. */
  readonly others: PlacedPacket[] = [];
  #sequence = 0;

  /** Needs CAP_NET_RAW. The paths are those that packets may take; they start at one node. */
  constructor(paths: readonly Path[], address: string, answerMs: number) {
    this.#paths = paths;
    this.#answerMs = answerMs;
    this.#address = address;
    const first = paths[0]?.hops[0];
    if (first === undefined) throw new RangeError("a path without nodes");
    this.#first = first;
    this.#socket = new Icmpv6Socket(first.node.netns);
    try {
      for (const hop of paths.flatMap(({ hops }) => hops)) {
        for (const side of ["in", "out"] as const) this.#tap(hop, side);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Once, where several paths lead over an interface. */
  #tap(hop: PathHop, side: Side): void {
    const { node } = hop;
    const device = placeOf(hop, side);
    if (device === null) return;
    if (this.#taps.some((one) => one.node === node && one.device.index === device.index && one.side === side)) return;
    this.#taps.push({ node, device, side, tap: new PacketTap(node.netns, device.index, this.#address) });
  }

  async send(options: ProbeOptions = {}): Promise<ProbeResult> {
    const { copies = 1 } = options;
    const first = this.#sequence + 1;
    this.#socket.setHopByHop(options.hopByHop ?? new Uint8Array(0));
    for (let copy = 0; copy < copies; copy++) {
      const message = echoRequest(this.#identifier, ++this.#sequence, (options.length ?? 0) - IPV6_BYTES);
      const sent = options.pastTc === true ? this.#sendPastTc(message) : this.#socket.send(this.#address, message);
      if (sent < 0) return { refused: errnoName(-sent), ...seenOn(this.#paths, []), answer: null };
    }
    const seen: PlacedPacket[] = [];
    const answers = new Map<number, NonNullable<ProbeResult["answer"]>>();
    let end = performance.now() + this.#answerMs;
    while (performance.now() < end) {
      await delay(POLL_MS);
      seen.push(...this.#sightings(first));
      const before = answers.size;
      this.#answers(answers);
      if (before < copies && answers.size >= copies) end = Math.min(end, performance.now() + SETTLE_MS);
    }
    const traced = seen.find(
      ({ node, side, packet }) => node === this.#first.node && side === "out" && isMarked(packet),
    );
    const sequence = traced?.packet.echo?.sequence ?? this.#sequence;
    const own = seen.filter(({ packet }) => packet.echo?.sequence === sequence);
    return { refused: null, ...seenOn(this.#paths, own), answer: answers.get(sequence) ?? null };
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
  #sightings(first: number): PlacedPacket[] {
    const found: PlacedPacket[] = [];
    for (const { tap, ...place } of this.#taps) {
      for (let read = 0; read < MAX_READ; read++) {
        const tapped = tap.read();
        if (tapped === undefined) break;
        if (tapped.direction !== place.side) continue;
        const packet = seenPacket(tapped.bytes);
        if (packet === null || packet.innerDestination !== this.#address) continue;
        if (packet.echo?.identifier === this.#identifier) {
          if (packet.echo.sequence >= first) found.push({ ...place, packet });
        } else if (packet.trace !== null && this.others.length < MAX_OTHERS) this.others.push({ ...place, packet });
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
    const first = this.#first;
    const source = first.egress?.addresses.find((address) => address.includes(":") && !address.startsWith("fe80"));
    const mac = neighbourMac(first, this.#address);
    const { egress } = first;
    if (egress === null || source === undefined || mac === undefined) return -EHOSTUNREACH;
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

/** With a trace, or what asks for reports in place of one. */
export const isMarked = ({ trace, directExport }: SeenPacket): boolean => trace !== null || directExport;

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
