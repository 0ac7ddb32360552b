/** Modes encap and auto in a lab: packets behind an outer header reach the tunnel's end by its own way, whole and all of them. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startPing } from "../../src/lab/traffic/ping.ts";
import { startTcpDownload, startTcpServer } from "../../src/lab/traffic/tcp.ts";
import { routes } from "../../src/linux/rtnetlink/routes.ts";
import { deleteNeighbour } from "../../src/linux/rtnetlink/neighbours.ts";
import { linkByName } from "../../src/linux/rtnetlink/links.ts";
import { addEncap, deleteEncap, refreshIoam, showIoam, type EncapOptions } from "../../src/mark/ioam/control.ts";
import { decodePacket } from "../../src/wire/packet/decode.ts";
import { grown, readNetCounters, type NetCounters } from "../../src/linux/net-counters.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { TunnelLab, type TunnelNode } from "../support/tunnel-lab.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";

// Labs and compilations, on machines that have other things to do too.
vi.setConfig({ testTimeout: 60_000 });

/** 64 bytes of Hop-by-Hop header and 40 of outer IPv6 header. */
const BYTES = 104;
const rule: EncapOptions = {
  prefix: "db05::/64",
  traceType: 0xf00000,
  namespaceId: 123,
  size: 48,
  frequency: { packets: 1, of: 1 },
  mode: "encap",
  tundst: "db0e::2",
};
const names = ["athos", "porthos", "bazin", "aramis", "grimaud"] as const satisfies readonly TunnelNode[];
/** All that could go wrong with a packet's length or checksum on the way. */
const faults = /CsumErrors|Truncated|HdrErrors|Discards|NoRoutes|h_.* (rx|tx)_(dropped|errs)$/;

let lab: TunnelLab;
let before: NetCounters[];

const open = (segmentation: boolean): void => {
  lab = new TunnelLab({ segmentation });
  before = names.map((name) => readNetCounters(lab.node(name)));
};
afterEach(() => lab.close());

const entry = () => ({ device: "h_pa", netns: `${lab.name}-porthos` });
const counted = (node: TunnelNode = "porthos"): Record<string, number> => {
  const [status] = showIoam(`${lab.name}-${node}`);
  const all = Object.entries(status?.counters ?? {}).map(([name, value]) => [name, Number(value)] as const);
  return Object.fromEntries(all.filter(([, value]) => value !== 0));
};
const found = (pattern: RegExp): Record<string, number>[] =>
  names.map((name, index) => grown(before[index]!, readNetCounters(lab.node(name)), pattern));
const ping = async (from: TunnelNode, count: number, payloadBytes = 56) =>
  (await startPing(lab.node(from), { target: "db05::2", payloadBytes, count, intervalMs: 2 })).finished;

const capture = (node: TunnelNode, device: string): PacketSocket =>
  new PacketSocket(lab.node(node), lab.ifindex(node, device));
const drain = (socket: PacketSocket): Uint8Array[] => {
  const packets: Uint8Array[] = [];
  for (let packet = socket.receive(); packet !== null; packet = socket.receive()) packets.push(packet);
  // Those to addresses of the lab, and not what the kernels tell each other of themselves.
  return packets.filter((packet) => packet[38] === 0xdb);
};

describe("one packet at a time", () => {
  beforeEach(() => open(false));

  test("another interface: the kernel's nodes on the way fill the trace, the kernel at the end takes it off", async () => {
    const report = addEncap(entry(), rule);
    expect(report).toMatchObject({
      mode: "encap",
      warnings: [],
      tunnel: { source: "db0c::1", destination: "db0e::2", mtu: 1500, egress: { id: 22 } },
      route: { mtu: 1500 - BYTES, lock: true },
    });
    const socket = capture("aramis", "h_ab");
    try {
      expect(await ping("athos", 20)).toMatchObject({ sent: 20, received: 20, errors: 0 });
      const packet = drain(socket).find((bytes) => bytes.length > 150);
      const layers = decodePacket(packet!).layers;
      expect(layers).toMatchObject([
        { protocol: "ethernet" },
        { protocol: "ipv6", header: { source: "db0c::1", destination: "db0e::2", hopLimit: 62, nextHeader: 0 } },
        {
          protocol: "hop-by-hop",
          options: [
            {},
            {
              kind: "ioam",
              trace: {
                hops: [
                  { nodeId: 2, hopLimit: 63, egressId: 22 },
                  { nodeId: 4, hopLimit: 62, ingressId: 41 },
                ],
              },
            },
          ],
        },
        { protocol: "ipv6", header: { source: "db01::1", destination: "db05::2", hopLimit: 63 } },
        { protocol: "icmpv6" },
        { protocol: "payload" },
      ]);
    } finally {
      socket.close();
    }
    expect(counted()).toEqual({ sent: 20, segments: 20 });
    expect(found(faults)).toEqual([{}, {}, {}, {}, {}]);
    // Nothing went the inner destination's way.
    expect(found(/^h_a rx_packets$/)[3]?.["h_a rx_packets"] ?? 0).toBeLessThan(20);
    deleteEncap(entry());
    expect(
      lab.netlink("porthos", (socket) => routes(socket).find((route) => route.destination === "db05::/64")?.mtu),
    ).toBe(undefined);
  });

  test("a neighbour that must be asked for first: no packet is lost, none counted twice", async () => {
    lab.netlink("porthos", (socket) => deleteNeighbour(socket, linkByName(socket, "h_pb").index, "db0c::2"));
    addEncap(entry(), rule);
    expect(await ping("athos", 10)).toMatchObject({ sent: 10, received: 10, errors: 0 });
    expect(counted()).toEqual({ sent: 10, segments: 10 });
  });

  test("by the same interface to another next hop", async () => {
    lab.ip("aramis", "link add link h_a name h_mac address 02:00:00:00:00:99 type macvlan mode bridge");
    lab.ip("aramis", "link set h_mac up");
    lab.ip("porthos", "-6 neigh add db02::99 lladdr 02:00:00:00:00:99 dev h_pa nud permanent");
    lab.ip("porthos", "-6 route add db0e::2/128 via db02::99 dev h_pa");
    before = names.map((name) => readNetCounters(lab.node(name)));
    addEncap(entry(), rule);
    expect(await ping("athos", 10)).toMatchObject({ sent: 10, received: 10, errors: 0 });
    expect(counted()).toEqual({ sent: 10, segments: 10 });
    expect(found(/^h_mac rx_packets$/)[3]?.["h_mac rx_packets"]).toBeGreaterThanOrEqual(10);
  });

  test("a route that moves to another interface later", async () => {
    addEncap(entry(), rule);
    lab.ip("porthos", "-6 route replace db0e::/64 via db02::2 dev h_pa");
    expect(await ping("athos", 10)).toMatchObject({ sent: 10, received: 10, errors: 0 });
    expect(counted()).toEqual({ sent: 10, segments: 10 });
    // But for what the kernels tell each other of themselves.
    expect(found(/^h_ab rx_packets$/)[3]?.["h_ab rx_packets"] ?? 0).toBeLessThan(10);
  });

  test("without a route to the tunnel's end packets go without a trace, and are counted", async () => {
    addEncap(entry(), rule);
    lab.ip("porthos", "-6 route del db0e::/64");
    expect(await ping("athos", 10)).toMatchObject({ sent: 10, received: 10, errors: 0 });
    expect(counted()).toEqual({ noRoute: 10 });
  });

  test("a host that does not forward, for what it makes itself", async () => {
    const athos = { device: "h_athos", netns: `${lab.name}-athos` };
    expect(addEncap(athos, rule)).toMatchObject({ tunnel: { source: "db01::1" }, route: { lock: false } });
    expect(await ping("athos", 10)).toMatchObject({ sent: 10, received: 10, errors: 0 });
    expect(counted("athos")).toEqual({ sent: 10, segments: 10 });
    // The outer packets go to an address of the same prefix as others with a trace: they are not taken for those.
    addEncap(athos, { ...rule, prefix: "db0e::/64" });
    expect(await ping("athos", 10)).toMatchObject({ sent: 10, received: 10, errors: 0 });
    expect(counted("athos")).toEqual({ sent: 20, segments: 20 });
  });

  test("a host whose route to the tunnel's end moved follows it after a refresh", async () => {
    const athos = { device: "h_athos", netns: `${lab.name}-athos` };
    addEncap(athos, rule);
    lab.ip("athos", "link add h_new type veth peer name h_far");
    lab.ip("athos", "link set h_new up");
    lab.ip("athos", "link set h_far up");
    lab.ip("athos", "-6 addr add db0a::1/64 dev h_new nodad");
    lab.ip("athos", "-6 route replace db0e::/64 via db0a::2 dev h_new");
    refreshIoam(athos.netns);
    const [status] = showIoam(athos.netns);
    expect(status).toMatchObject({ rule: { tunnel: { source: "db0a::1", ifindex: lab.ifindex("athos", "h_new") } } });
    lab.ip("athos", "-6 route del db0e::/64");
    refreshIoam(athos.netns);
    expect(showIoam(athos.netns)).toMatchObject([{ rule: { tunnel: { source: "db0a::1" } } }]);
  });

  test("auto: inline for what the node makes, behind an outer header for what it forwards", async () => {
    addEncap(entry(), { ...rule, mode: "auto" });
    const [inner, outer] = ["h_a", "h_ab"].map((device) => capture("aramis", device));
    try {
      expect(await ping("athos", 5)).toMatchObject({ received: 5 });
      expect(await ping("porthos", 7)).toMatchObject({ received: 7 });
      const protocols = (socket: PacketSocket) =>
        drain(socket).map((bytes) =>
          decodePacket(bytes)
            .layers.map(({ protocol }) => protocol)
            .join(" "),
        );
      expect(protocols(outer!).filter((text) => text.includes("hop-by-hop ipv6"))).toEqual(
        Array(5).fill("ethernet ipv6 hop-by-hop ipv6 icmpv6 payload"),
      );
      expect(protocols(inner!).filter((text) => text.endsWith("hop-by-hop icmpv6 payload"))).toEqual(
        Array(7).fill("ethernet ipv6 hop-by-hop icmpv6 payload"),
      );
    } finally {
      inner!.close();
      outer!.close();
    }
    expect(counted()).toEqual({ sent: 12, segments: 12 });
  });

  test("senders learn of the smaller MTU, to the byte", async () => {
    addEncap(entry(), rule);
    const largest = 1500 - BYTES - 48;
    expect(await ping("athos", 3, largest)).toMatchObject({ received: 3 });
    expect(found(/Icmp6OutPktTooBigs/)[1]).toEqual({});
    await ping("athos", 3, largest + 1);
    expect(found(/Icmp6OutPktTooBigs/)[1]).toEqual({ Icmp6OutPktTooBigs: 1 });
    expect(lab.ip("athos", "-6 route get db05::2")).toContain(`mtu ${1500 - BYTES}`);
    expect(await ping("athos", 3, 5000)).toMatchObject({ received: 3 });
    expect(counted()["tooBig"]).toBeUndefined();
  });
});

describe.each([false, true])("bulk, segmentation at the links: %s", (segmentation) => {
  beforeEach(() => open(segmentation));

  test("TCP", { timeout: 60_000 }, async () => {
    addEncap(entry(), rule);
    const bytes = 2e7;
    const server = await startTcpServer(lab.node("athos"));
    const client = await startTcpDownload(lab.node("grimaud"), { address: "db01::1", port: server.ready.port, bytes });
    const { receivedBytes } = await client.finished;
    await server.stop();
    expect(receivedBytes).toBe(bytes);
    expect(found(faults)).toEqual([{}, {}, {}, {}, {}]);
    const { sent, segments, ...refused } = counted();
    // The handshake's answer comes before the sender knows the smaller MTU; segments of a stream are made shorter.
    expect(Object.keys(refused).filter((name) => name !== "tooBig")).toEqual([]);
    expect(bytes / segments!).toBeGreaterThan(1000);
    expect(segments).toBeGreaterThanOrEqual(sent!);
  });

  test("UDP in segments", () => {
    addEncap(entry(), rule);
    const sender = new UdpSocket(lab.node("athos"));
    const receiver = new UdpSocket(lab.node("grimaud"), 5300);
    try {
      const room = 1500 - BYTES - 48;
      const sends = [room, 999, 1].map((segment) => {
        const bytes = Uint8Array.from({ length: 20 * segment + 7 }, (_, index) => index % 251);
        sender.send("db05::2", 5300, bytes, segment);
        return { segment, bytes };
      });
      const expected = sends.flatMap(({ segment, bytes }) =>
        Array.from({ length: Math.ceil(bytes.length / segment) }, (_, index) =>
          bytes.subarray(index * segment, (index + 1) * segment),
        ),
      );
      const got: Uint8Array[] = [];
      for (const end = performance.now() + 1000; got.length < expected.length && performance.now() < end;)
        got.push(...receiver.drain());
      expect(got.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
      expect(got.every((datagram, index) => Buffer.compare(datagram, expected[index]!) === 0)).toBe(true);
      expect(found(faults)).toEqual([{}, {}, {}, {}, {}]);
      expect(counted()["segments"]).toBe(expected.length);
    } finally {
      sender.close();
      receiver.close();
    }
  });
});
