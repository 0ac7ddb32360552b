import { compile } from "../../src/compiler/compile.ts";
import { load } from "../../src/bpf/instance.ts";
import { xdpTestContext } from "../../src/bpf/test-run.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { encodePacket, ipv4, mac } from "../../src/wire/index.ts";
import { nextSeq, sendMarked } from "./marked-frames.bpf.ts";
import { spacingNs } from "./pace.bpf.ts";

export interface MarkedFrames {
  /** Sends so many, at once. Returns how long it took, ns. */
  send(packets: number): number;
  /** The number of the next one. */
  next: bigint;
  close(): void;
}

/** One end of a link, and the MAC address of the other. */
export interface FrameSource {
  readonly netns: Netns;
  readonly ifindex: number;
  readonly toMac: string;
  readonly source: string;
  readonly destination: string;
  /** Of the payload: 8 and more. */
  readonly payloadBytes?: number;
  /** A second; as fast as the kernel takes them without it. */
  readonly perSecond?: number;
}

export const MARKED_PORT = 9;

/** A datagram with the mark of a CPU. */
export const markedDatagram = (from: Omit<FrameSource, "netns" | "ifindex">, cpu = 0, seq = 0n): Uint8Array =>
  encodePacket([
    { protocol: "ethernet", header: { destination: mac(from.toMac), source: mac("02:00:00:00:00:77") } },
    {
      protocol: "ipv4",
      header: { source: ipv4(from.source), destination: ipv4(from.destination), protocol: 17 },
      options: [{ kind: "pval", reserved: 0, cpu, seq }],
    },
    { protocol: "udp", header: { sourcePort: 7, destinationPort: MARKED_PORT, checksum: 0 } },
    { protocol: "payload", bytes: new Uint8Array(from.payloadBytes ?? 18) },
  ]);

/** The other end of the link must run an XDP program or have GRO on, or it gets none of them. */
export const openMarkedFrames = (from: FrameSource): MarkedFrames => {
  const { perSecond } = from;
  const program = load(compile(sendMarked(from.ifindex, perSecond !== undefined)));
  if (perSecond !== undefined) program.map(spacingNs).value = BigInt(Math.floor(1e9 / perSecond));
  const frame = markedDatagram(from);
  return {
    send(packets) {
      const start = process.hrtime.bigint();
      program.sendLiveFrames(frame, {
        repeat: packets,
        context: xdpTestContext(frame.length, { ingressIfindex: from.ifindex }),
        netns: from.netns,
        batch: 64,
      });
      return Number(process.hrtime.bigint() - start);
    },
    get next() {
      return program.map(nextSeq).value;
    },
    set next(value) {
      program.map(nextSeq).value = value;
    },
    close: () => program.close(),
  };
};
