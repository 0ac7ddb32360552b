/** Loss, duplication and reordering between two nodes: what the numbers say is what was done to the packets. */
import { afterEach, describe, expect, test } from "vitest";
import { startTcpDownload, startTcpServer } from "../../src/lab/traffic/tcp.ts";
import { namespaceName, type Topology } from "../../src/lab/topology.ts";
import { writeSysctl } from "../../src/linux/sysctl.ts";
import { lossBetween, type Counted } from "../../src/follow/trace/loss.ts";
import {
  addEncap,
  addSink,
  deleteEncap,
  deleteSink,
  showIoam,
  type EncapOptions,
  type IoamStatus,
  type NumberedPackets,
} from "../../src/mark/ioam/control.ts";
import { addressBytes } from "../../src/wire/address.ts";
import { IoamLab } from "../support/ioam-lab.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";

const PORT = 5300;
const HOP_BY_HOP = 0;
let lab: IoamLab;
afterEach(() => lab.close());

const target = (node: "athos" | "aramis"): { device: string; netns: string } => ({
  device: `h_${node}`,
  netns: namespaceName(lab.name, node),
});

/** Both ends, made as their commands make them. */
const openEnds = (
  topology?: (before: Topology) => Topology,
  segmentation = false,
  mode: Pick<EncapOptions, "mode" | "tundst"> = {},
): void => {
  lab = new IoamLab({ segmentation }, topology);
  addEncap(target("athos"), {
    prefix: "db02::/64",
    traceType: 0xf00000,
    namespaceId: 123,
    size: 48,
    frequency: { packets: 1, of: 1 },
    e2e: true,
    ...mode,
  });
  lab.onClose(() => deleteEncap(target("athos")));
  addSink(target("aramis"), { e2e: true });
  lab.onClose(() => deleteSink(target("aramis")));
};

const sinkStatus = (): Extract<IoamStatus, { kind: "sink" }> => {
  const [status] = showIoam(target("aramis").netns);
  if (status?.kind !== "sink") throw new Error("no sink");
  return status;
};

const numbersOf = (): Omit<NumberedPackets, "origin"> => {
  const found = sinkStatus().edgeToEdge ?? [];
  expect(found).toHaveLength(1);
  const { origin, ...rest } = found[0]!;
  expect(origin).toBeGreaterThanOrEqual(0);
  return rest;
};

const sentBy = (): Readonly<Record<string, bigint>> => showIoam(target("athos").netns)[0]?.counters ?? {};

/** Porthos in the test's hands: what the kernel would forward, the test forwards, how it likes. */
class Relay {
  readonly #near: PacketSocket;
  readonly #far: PacketSocket;

  constructor() {
    writeSysctl(lab.node("porthos"), "net/ipv6/conf/all/forwarding", "0");
    const socket = (device: string, protocol?: number): PacketSocket =>
      new PacketSocket(lab.node("porthos"), lab.ifindex("porthos", device), protocol === undefined ? {} : { protocol });
    this.#near = socket("h_porthos_a");
    this.#far = socket("h_porthos_b", 0);
    lab.onClose(() => {
      this.#near.close();
      this.#far.close();
    });
  }

  /** The next packets with a trace. */
  take(count: number): Uint8Array[] {
    const found: Uint8Array[] = [];
    while (found.length < count) {
      const frame = this.#near.next(5000);
      if (frame === null) throw new Error(`only ${found.length} of ${count} packets came`);
      if (frame[20] === HOP_BY_HOP && frame[54] === 17) found.push(frame);
    }
    return found;
  }

  forward(frame: Uint8Array): void {
    frame.set(addressBytes("mac", "2e:fe:7c:b0:c7:31"), 0);
    frame.set(addressBytes("mac", "2e:fe:7c:b0:c7:22"), 6);
    this.#far.send(frame);
  }
}

const senders = (count: number): UdpSocket[] => {
  const sockets = Array.from({ length: count }, () => new UdpSocket(lab.node("athos")));
  lab.onClose(() => {
    for (const socket of sockets) socket.close();
  });
  return sockets;
};

test("one flow, of which packets are lost, doubled and held back, and nobody reads", { timeout: 60_000 }, () => {
  openEnds();
  const relay = new Relay();
  const [sender] = senders(1);
  // More than the ring has room for, so that many have no record.
  const blocks = 80;
  const before: Counted = { encap: [], transit: [], sink: sinkStatus().counters };
  for (let block = 0; block < blocks; block++) {
    for (let index = 0; index < 50; index++) sender!.send("db02::2", PORT, Uint8Array.of(index));
    const packets = relay.take(50);
    const order = packets.flatMap((_, index) => {
      if (index === 7) return []; // lost
      if (index === 11) return [11, 11]; // doubled
      if (index === 21) return []; // held back …
      if (index === 24) return [24, 21]; // … behind three
      if (index === 40) return [40, 15]; // doubled, and the second held back
      return [index];
    });
    for (const index of order) relay.forward(packets[index]!);
  }
  const expected = { received: 49 * blocks, lost: blocks, duplicated: 2 * blocks, reordered: blocks, late: 0 };
  const { nodeId, namespaceId, pieces, ...numbers } = numbersOf();
  expect({ nodeId, namespaceId, pieces }).toEqual({ nodeId: "1", namespaceId: 123, pieces: 0 });
  expect(numbers).toEqual(expected);
  const { counters } = sinkStatus();
  expect(counters["ringFull"]).toBeGreaterThan(1000);
  // Traces are counted as they arrive, and so do both of a pair.
  expect(counters["received"]).toBe(BigInt(51 * blocks));
  expect(sentBy()).toMatchObject({ sent: BigInt(50 * blocks) });
  const loss = lossBetween(before, { ...before, sink: counters });
  expect(loss).toMatchObject({ sent: null, lost: blocks, edgeToEdge: expected });
});

test("many flows at once: what is lost and doubled is counted to the packet", { timeout: 60_000 }, () => {
  openEnds();
  const relay = new Relay();
  const flows = senders(20);
  const rounds = 50;
  for (let round = 0; round < rounds; round++)
    for (const flow of flows) flow.send("db02::2", PORT, Uint8Array.of(round));
  const packets = relay.take(flows.length * rounds);
  // The first and the last rounds arrive: what is lost before and after them no number tells.
  const kept = (index: number): boolean => index < 20 || index >= packets.length - 20 || index % 7 !== 3;
  const doubled = (index: number): boolean => index % 11 === 5;
  const indexes = [...packets.keys()];
  for (const index of indexes) {
    if (!kept(index)) continue;
    relay.forward(packets[index]!);
    if (doubled(index)) relay.forward(packets[index]!);
  }
  expect(numbersOf()).toMatchObject({
    received: indexes.filter(kept).length,
    lost: indexes.filter((index) => !kept(index)).length,
    duplicated: indexes.filter((index) => kept(index) && doubled(index)).length,
    reordered: 0,
    late: 0,
  });
});

test(
  "a rule that is made anew counts from a new origin: nothing of the old one seems lost",
  { timeout: 60_000 },
  () => {
    openEnds();
    const relay = new Relay();
    const [sender] = senders(1);
    const send = (count: number): void => {
      for (let index = 0; index < count; index++) sender!.send("db02::2", PORT, Uint8Array.of(index));
      for (const packet of relay.take(count)) relay.forward(packet);
    };
    send(10);
    const [rule] = deleteEncap(target("athos"));
    addEncap(target("athos"), rule!);
    send(5);
    const all = sinkStatus().edgeToEdge ?? [];
    expect(all.map(({ received, lost, duplicated, late }) => ({ received, lost, duplicated, late }))).toEqual(
      expect.arrayContaining([
        { received: 10, lost: 0, duplicated: 0, late: 0 },
        { received: 5, lost: 0, duplicated: 0, late: 0 },
      ]),
    );
    expect(new Set(all.map(({ origin }) => origin)).size).toBe(2);
  },
);

describe("packets of several segments", () => {
  /** The second link has nobody who cuts packets for it: porthos does. */
  const cutAtPorthos = (topology: Topology): Topology => ({
    ...topology,
    links: topology.links.map((link, index) =>
      index === 0
        ? link
        : {
            ...link,
            ends: [
              { ...link.ends[0], offloads: { tx: false, tso: false, gso: false } },
              { ...link.ends[1], offloads: { tx: false, tso: false, gso: false } },
            ],
          },
    ),
  });

  const tunnel = { mode: "encap", tundst: "db02::2" } as const;
  test.each([
    ["whole all the way", undefined, {}, false],
    ["cut on the way", cutAtPorthos, {}, true],
    ["in a tunnel, whole all the way", undefined, tunnel, false],
    ["in a tunnel, cut on the way", cutAtPorthos, tunnel, true],
  ])("%s: each has one number", { timeout: 60_000 }, async (_name, topology, mode, cut) => {
    openEnds(topology, true, mode);
    const bytes = 2e7;
    const server = await startTcpServer(lab.node("athos"));
    const client = await startTcpDownload(lab.node("aramis"), { address: "db01::1", port: server.ready.port, bytes });
    expect((await client.finished).receivedBytes).toBe(bytes);
    await server.stop();
    const { received, pieces, ...rest } = numbersOf();
    const sent = sentBy();
    expect({ received: BigInt(received), ...rest }).toMatchObject({
      received: sent["sent"],
      lost: 0,
      duplicated: 0,
      late: 0,
    });
    expect(sent["segments"]).toBeGreaterThan(2n * sent["sent"]!);
    const { received: traces, decapsulated } = sinkStatus().counters;
    expect(decapsulated).toBe("mode" in mode ? traces : 0n);
    if (cut) expect(pieces).toBeGreaterThan(received);
    else expect(pieces).toBe(0);
  });
});
