/** Tunnels with a trace in their outer header, sent by hand: what the stack behind the sink makes of what was inside. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instance } from "../../src/bpf/instance.ts";
import { writeSysctl } from "../../src/linux/sysctl.ts";
import { writeLocalAddresses } from "../../src/mark/ioam/sink/local-addresses.ts";
import { sinkCounterNames, sinkCounters } from "../../src/mark/ioam/sink/counters.ts";
import { frame, traceHeader } from "../../src/mark/ioam/conformance/frames.ts";
import { localAddresses } from "../../src/mark/ioam/sink/tunnel.bpf.ts";
import { ipv6 } from "../../src/wire/address.ts";
import { toHex } from "../../src/wire/hex.ts";
import { encodePacket } from "../../src/wire/packet/encode.ts";
import { IoamLab } from "../support/ioam-lab.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";

const PORT = 5300;
const IPV6 = 41;
let lab: IoamLab;
let sink: Instance;
let near: PacketSocket;

beforeAll(() => {
  lab = new IoamLab();
  sink = lab.sink();
  writeLocalAddresses(sink.map(localAddresses), lab.node("aramis"));
  near = new PacketSocket(lab.node("athos"), lab.ifindex("athos", "h_athos"), { protocol: 0 });
  lab.onClose(() => near.close());
}, 60_000);
afterAll(() => lab.close());

const counts = (): Record<string, number> =>
  Object.fromEntries(
    sinkCounterNames
      .map((name, index) => [name, Number(sink.map(sinkCounters).sum(index)?.value)] as const)
      .filter(([, value]) => value !== 0),
  );

const datagram = (destination: string, bytes: Uint8Array): Uint8Array =>
  encodePacket([
    { protocol: "ipv6", header: { source: ipv6("db01::1"), destination: ipv6(destination) } },
    { protocol: "udp", header: { sourcePort: 7, destinationPort: PORT } },
    { protocol: "payload", bytes },
  ]);

/** A datagram in a tunnel from athos to `tunnelEnd`. */
const send = (tunnelEnd: string, destination: string, bytes: Uint8Array): void => {
  const inner = datagram(destination, bytes);
  const macs = { sourceMac: "2e:fe:7c:b0:c7:72", destinationMac: "2e:fe:7c:b0:c7:21" };
  near.send(frame({ ...macs, destination: tunnelEnd, hopByHop: traceHeader({}, IPV6), payload: inner }));
};

const arrivals = (socket: UdpSocket, count: number): string[] => {
  const found: Uint8Array[] = [];
  for (const end = performance.now() + 2000; found.length < count && performance.now() < end;)
    found.push(...socket.drain());
  return found.map((datagram) => toHex(datagram));
};

test("what was for the node is delivered, of every length", () => {
  const receiver = new UdpSocket(lab.node("aramis"), PORT);
  lab.onClose(() => receiver.close());
  const lengths = [0, 1, 5, 100, 999, 1330];
  const datagrams = lengths.map((length) => new Uint8Array(length).fill(length));
  for (const bytes of datagrams) send("db02::2", "db02::2", bytes);
  expect(arrivals(receiver, lengths.length)).toEqual(datagrams.map((bytes) => toHex(bytes)));
  const all = lengths.length;
  expect(counts()).toEqual({ filled: all, received: all, segments: all, decapsulated: all });
});

test("what was for another is forwarded", () => {
  writeSysctl(lab.node("aramis"), "net/ipv6/conf/all/forwarding", "1");
  const receiver = new UdpSocket(lab.node("athos"), PORT);
  lab.onClose(() => receiver.close());
  const before = counts();
  send("db02::2", "db01::1", Uint8Array.of(1, 2, 3));
  expect(arrivals(receiver, 1)).toEqual(["0x010203"]);
  expect(counts()["decapsulated"]).toBe((before["decapsulated"] ?? 0) + 1);
});

test("a packet in a VLAN is what was inside, in that VLAN", () => {
  const sender = new PacketSocket(lab.node("porthos"), lab.ifindex("porthos", "h_porthos_b"), { protocol: 0 });
  // Behind the sink: of one protocol, and without the tag, which the kernel keeps beside the packet.
  const receiver = new PacketSocket(lab.node("aramis"), lab.ifindex("aramis", "h_aramis"));
  lab.onClose(() => {
    sender.close();
    receiver.close();
  });
  const macs = { sourceMac: "2e:fe:7c:b0:c7:22", destinationMac: "2e:fe:7c:b0:c7:31" };
  const inner = datagram("db02::2", Uint8Array.of(1, 2, 3));
  const plain = frame({ ...macs, hopByHop: traceHeader({}, IPV6), payload: inner });
  const tagged = Uint8Array.from([...plain.subarray(0, 12), 0x81, 0, 0, 5, ...plain.subarray(12)]);
  const before = counts();
  sender.send(tagged);
  let found: Uint8Array | null;
  // Neighbours may have something to say to each other meanwhile.
  do found = receiver.next(2000);
  while (found !== null && found[20] !== 17);
  expect(found === null ? null : toHex(found)).toBe(toHex(Uint8Array.from([...plain.subarray(0, 14), ...inner])));
  expect(counts()["decapsulated"]).toBe((before["decapsulated"] ?? 0) + 1);
});

test("the node's link-local address ends tunnels too, another's does not", () => {
  const addresses = [...sink.map(localAddresses).keys()];
  expect(addresses).toContain("db02::2");
  expect(addresses.some((address) => address.startsWith("fe80::"))).toBe(true);
  expect(addresses).not.toContain("db02::1");
});
