/** What the examples do: those that see packets of an interface the same in the kernel and in V8. */
import { expect, test } from "vitest";
import { cgroups, count } from "../../examples/cgroup-bytes.bpf.ts";
import { queries, logQueries } from "../../examples/dns-log.bpf.ts";
import { firewall, hits } from "../../examples/firewall.bpf.ts";
import { countProtocols, protocols } from "../../examples/protocols.bpf.ts";
import { ipv4Peers, ipv6Peers, segments, watch } from "../../examples/retransmissions.bpf.ts";
import { guard, limit, sources } from "../../examples/syn-guard.bpf.ts";
import { CgroupSkb } from "../../src/kernel/cgroup-context.ts";
import { Tc, Xdp } from "../../src/kernel/context.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import { SimulatedMaps } from "../../src/kernel/simulate/simulated-maps.ts";
import { Ethernet, encodePacket, ipv4, ipv6, textOf, type LayerInput } from "../../src/wire/index.ts";
import { both } from "./both.ts";

const client = ipv4("198.51.100.7");
const server = ipv4("10.1.2.3");

const over4 = (from: string, to: string, ...rest: readonly LayerInput[]): Uint8Array =>
  encodePacket([
    { protocol: "ethernet", header: {} },
    { protocol: "ipv4", header: { source: ipv4(from), destination: ipv4(to) } },
    ...rest,
  ]);
const tcp = (header: object): LayerInput => ({ protocol: "tcp", header });
const icmp: LayerInput = { protocol: "icmp", header: { type: 8 }, body: { identifier: 1, sequence: 1 } };

test("packets and bytes are counted by protocol", () => {
  const { run, kernel, v8 } = both(countProtocols);
  const segment = over4(client, server, tcp({ destinationPort: 80 }));
  const six = encodePacket([
    { protocol: "ethernet", header: {} },
    { protocol: "ipv6", header: { source: ipv6("db01::1"), destination: ipv6("db01::2") } },
    { protocol: "icmpv6", header: { type: 128 }, body: { identifier: 1, sequence: 1 } },
  ]);
  for (const packet of [segment, segment, six, new Uint8Array(14)]) expect(run(packet)).toBe(Xdp.Pass);
  const expected = [
    { key: { etherType: 0x0800, ipProtocol: 6 }, count: { packets: 2n, bytes: BigInt(2 * segment.length) } },
    { key: { etherType: 0x86dd, ipProtocol: 58 }, count: { packets: 1n, bytes: BigInt(six.length) } },
    { key: { etherType: 0, ipProtocol: 0 }, count: { packets: 1n, bytes: 14n } },
  ];
  for (const { key, count } of expected) {
    expect(kernel.map(protocols).sum(key)).toEqual(count);
    expect(v8.map(protocols).get(key)?.[0]).toEqual(count);
  }
});

test("bytes are counted by cgroup, from the IP header on", () => {
  const maps = new SimulatedMaps();
  const packet = over4(client, server, tcp({ destinationPort: 80 }));
  for (const id of [7n, 9n, 7n])
    expect(simulate(count, { packet, maps, context: { cgroupIds: [1n, id] } }).verdict).toBe(CgroupSkb.Allow);
  const bytes = BigInt(packet.length - Ethernet.size);
  expect([...maps.map(cgroups).entries()]).toEqual([
    [7n, { packets: 2n, bytes: 2n * bytes }],
    [9n, { packets: 1n, bytes }],
  ]);
});

test("retransmissions are counted by peer, and each is a record", () => {
  const maps = new SimulatedMaps();
  const ports = { skc_num: 5000, skc_dport: 80, skc_state: 1 };
  const four = { ...ports, skc_family: 2, skc_rcv_saddr: 0x0a000001, skc_daddr: 0x0a000002 };
  const six = { ...ports, skc_family: 10, skc_v6_rcv_saddr: ipv6("db01::1"), skc_v6_daddr: ipv6("db01::2") };
  const environment = { process: { pid: 42, comm: "node" } };
  const runs = [four, six, four].map((common) =>
    simulate(watch, { arguments: [{ __sk_common: common }], maps, environment }),
  );
  expect([...maps.map(ipv4Peers).entries()]).toEqual([[{ local: "10.0.0.1", remote: "10.0.0.2" }, { value: 2n }]]);
  expect([...maps.map(ipv6Peers).entries()]).toEqual([[{ local: "db01::1", remote: "db01::2" }, { value: 1n }]]);
  const records = runs.flatMap((run) => run.records(segments));
  expect(records.map((record) => record.length)).toEqual([28, 28, 28]);
  expect(textOf([...records[0]!.subarray(12)])).toBe("node");
});

test("SYNs beyond the limit are dropped, by source, and nothing else is", () => {
  const { run, kernel, v8 } = both(guard);
  kernel.map(limit).value = 3;
  v8.map(limit).value = 3;
  const syn = over4(client, server, tcp({ destinationPort: 80, syn: 1 }));
  const verdicts = Array.from({ length: 6 }, () => run(syn));
  expect(verdicts).toEqual([Xdp.Pass, Xdp.Pass, Xdp.Pass, Xdp.Drop, Xdp.Drop, Xdp.Drop]);
  for (const other of [tcp({ syn: 1, ack: 1 }), tcp({ ack: 1 }), icmp])
    expect(run(over4(client, server, other))).toBe(Xdp.Pass);
  expect(run(over4("198.51.100.8", server, tcp({ syn: 1 })))).toBe(Xdp.Pass);
  for (const map of [kernel.map(sources), v8.map(sources)])
    expect(map.get(client)).toMatchObject({ passed: 3n, dropped: 3n, tokens: 0 });
});

test("the first rule that matches decides, and is counted", () => {
  const { run, kernel, v8 } = both(firewall);
  const port = (destinationPort: number): LayerInput => tcp({ destinationPort });
  const cases: readonly (readonly [packet: Uint8Array, verdict: number, rule: number])[] = [
    [over4("10.9.9.9", server, port(22)), Xdp.Pass, 0],
    [over4(client, server, port(22)), Xdp.Drop, 1],
    [over4(client, server, port(23)), Xdp.Drop, 2],
    [over4("192.0.2.200", server, port(80)), Xdp.Drop, 3],
    [over4(client, "10.1.2.3", icmp), Xdp.Pass, 4],
    [over4(client, "10.1.2.4", icmp), Xdp.Drop, 5],
    [over4(client, server, { protocol: "udp", header: { destinationPort: 22 } }), Xdp.Pass, 6],
    [over4(client, server, port(80)), Xdp.Pass, 6],
  ];
  for (const [packet, verdict] of cases) expect(run(packet)).toBe(verdict);
  const counted = Array.from({ length: 7 }, (_, rule) => BigInt(cases.filter(([, , hit]) => hit === rule).length));
  expect(counted.map((_, rule) => kernel.map(hits).sum(rule)?.value)).toEqual(counted);
  expect(counted.map((_, rule) => v8.map(hits).get(rule)?.[0]?.value)).toEqual(counted);
});

const query = (name: string, type: number, flags = 0x0100): Uint8Array => {
  const labels = name.split(".").flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  const bytes = [0x12, 0x34, flags >> 8, flags & 0xff, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, type, 0, 1];
  return over4(
    "10.0.0.2",
    "10.0.0.53",
    { protocol: "udp", header: { sourcePort: 40_001, destinationPort: 53 } },
    { protocol: "payload", bytes: Uint8Array.from(bytes) },
  );
};

test("DNS queries are logged with their names; answers and other packets are not", () => {
  const { run, kernel, v8 } = both(logQueries);
  const long = Array.from({ length: 20 }, (_, at) => `label${at}`).join(".");
  const packets = [
    query("www.example.com", 28),
    query("a", 1),
    query(long, 1),
    query("www.example.com", 1, 0x8180),
    over4(client, server, tcp({ destinationPort: 53 })),
  ];
  for (const packet of packets) expect(run(packet)).toBe(Tc.Next);
  const names: string[] = [];
  kernel.map(queries).poll((view, offset, length) => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, length);
    names.push(
      `${bytes.subarray(0, 4).join(".")} ${view.getUint16(offset + 6, true)} ${textOf([...bytes.subarray(8)])}`,
    );
  });
  expect(names).toEqual(["10.0.0.53 28 www.example.com", "10.0.0.53 1 a", `10.0.0.53 0 ${long.slice(0, 64)}`]);
  const simulated = v8.map(queries).drain();
  expect(simulated.map((bytes) => textOf([...bytes.subarray(8)]))).toEqual(names.map((name) => name.split(" ")[2]));
});
