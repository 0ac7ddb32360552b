/**
 * Forwarding by porthos in the three-node lab: frames enter its stack at one interface and are counted behind the other.
 * Plain forwarding, the kernel's own IOAM transit and Hopmark's at tc share namespaces, frames and run.
 */
import { readFileSync } from "node:fs";
import { compile } from "../../src/compiler/compile.ts";
import { load } from "../../src/bpf/instance.ts";
import { xdpTestContext } from "../../src/bpf/test-run.ts";
import { labDown, labUp, musketeers, openNode } from "../../src/lab/index.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { withNetns } from "../../src/linux/with-netns.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";
import { linkByName, type Link } from "../../src/linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { writeSysctl } from "../../src/linux/sysctl.ts";
import { addSink, addTransit, deleteSink, deleteTransit } from "../../src/mark/ioam/control.ts";
import { encodePacket, ipv6, mac } from "../../src/wire/index.ts";
import { arrived, receive, send } from "./forwarding.bpf.ts";

export type ForwardingMode = "plain" | "ignored" | "kernel" | "hopmark";

export const ATHOS = mac("2e:fe:7c:b0:c7:72");
export const PORTHOS = mac("2e:fe:7c:b0:c7:21");
/** Words free in the trace as it enters porthos, and as it leaves when an entry was written. */
export const FREE = 14;
export const FREE_AFTER = 7;

/** Packets a second that porthos forwards in each mode. */
export interface ForwardingBench {
  rate(mode: ForwardingMode, packets: number): number;
  /** ms to compile, load, attach and pin the sink's program on aramis; it is taken away again. */
  attach(): number;
  close(): void;
}

export const openForwarding = (frames: {
  readonly plain: Uint8Array;
  readonly traced: Uint8Array;
}): ForwardingBench => {
  const lab = `bench${process.pid}`;
  const owner = processIdentity();
  labUp(musketeers({ xdp: true }), lab, owner === undefined ? {} : { owner });
  const porthos = openNode(lab, "porthos");
  const aramis = openNode(lab, "aramis");
  const sender = load(compile(send(PORTHOS, ATHOS, FREE)));
  const receiver = load(compile(receive(FREE_AFTER)));
  const end = receiver.attachXdp({ ifindex: indexOf(aramis, "h_aramis"), netns: aramis });
  const ingress = indexOf(porthos, "h_porthos_a");
  let current: ForwardingMode = "plain";

  const enter = (mode: ForwardingMode): void => {
    if (mode === current) return;
    const targets = ["h_porthos_a", "h_porthos_b"].map((device) => ({ device, netns: `${lab}-porthos` }));
    if (current === "hopmark") for (const target of targets) deleteTransit(target);
    writeSysctl(porthos, "net/ipv6/conf/h_porthos_a/ioam6_enabled", mode === "kernel" ? 1 : 0);
    if (mode === "hopmark") for (const target of targets) addTransit(target);
    current = mode;
  };

  const counts = (): { packets: bigint; filled: bigint } => receiver.map(arrived).sum(0) ?? { packets: 0n, filled: 0n };

  return {
    rate(mode, packets) {
      enter(mode);
      const frame = mode === "plain" ? frames.plain : frames.traced;
      const context = xdpTestContext(frame.length, { ingressIfindex: ingress });
      const before = counts();
      const droppedBefore = droppedBy(porthos, "h_porthos_b");
      const start = process.hrtime.bigint();
      sender.sendLiveFrames(frame, { repeat: packets, context, netns: porthos, batch: 64 });
      const elapsed = process.hrtime.bigint() - start;
      const after = counts();
      const forwarded = Number(after.packets - before.packets);
      // A veth drops, and counts, what its far end takes too slowly: lost to the rate, but not to the account.
      const dropped = droppedBy(porthos, "h_porthos_b") - droppedBefore;
      if (forwarded + dropped !== packets)
        throw new Error(`${mode}: ${forwarded} of ${packets} packets came through, ${dropped} were dropped`);
      const filled = Number(after.filled - before.filled);
      const expected = mode === "kernel" || mode === "hopmark" ? forwarded : 0;
      if (filled !== expected)
        throw new Error(`${mode}: ${filled} of ${forwarded} traces were filled, ${expected} should be`);
      return (forwarded * 1e9) / Number(elapsed);
    },
    attach() {
      const target = { device: "h_aramis", netns: `${lab}-aramis` };
      const start = performance.now();
      addSink(target);
      const elapsed = performance.now() - start;
      deleteSink(target);
      return elapsed;
    },
    close() {
      enter("plain");
      end.close();
      sender.close();
      receiver.close();
      porthos.close();
      aramis.close();
      labDown(lab);
    },
  };
};

/** Packets that a device could not hand on, or that came to one that had no room for them, of /proc/net/dev. */
export const droppedBy = (netns: Netns, device: string, way: "in" | "out" = "out"): number => {
  const text = withNetns(netns, () => readFileSync("/proc/thread-self/net/dev", "utf8"));
  const numbers = text.split(`${device}:`)[1]?.split("\n")[0]?.trim().split(/\s+/);
  const number = numbers?.[way === "out" ? TX_DROPPED : RX_DROPPED];
  if (number === undefined) throw new Error(`no statistics of ${device}`);
  return Number(number);
};

const RX_DROPPED = 3;
const TX_DROPPED = 11;

export const indexOf = (netns: Netns, device: string): number => linkIn(netns, device).index;

export const linkIn = (netns: Netns, device: string): Link => {
  const socket = openRtnetlink(netns);
  try {
    return linkByName(socket, device);
  } finally {
    socket.close();
  }
};

/** A UDP datagram from athos to aramis. */
export const plainFrame = (): Uint8Array =>
  encodePacket([
    { protocol: "ethernet", header: { destination: PORTHOS, source: ATHOS, etherType: 0x86dd } },
    {
      protocol: "ipv6",
      header: {
        version: 6,
        trafficClass: 0,
        flowLabel: 0,
        nextHeader: 17,
        hopLimit: 64,
        source: ipv6("db01::1"),
        destination: ipv6("db02::2"),
      },
    },
    { protocol: "udp", header: { sourcePort: 7, destinationPort: 9 } },
    { protocol: "payload", bytes: new Uint8Array(200) },
  ]);
