/** What the examples do with packets: the same in the kernel and in V8. */
import { expect, test } from "vitest";
import { queries, logQueries } from "../../examples/dns-log.bpf.ts";
import { firewall, hits } from "../../examples/firewall.bpf.ts";
import { countProtocols, protocols } from "../../examples/protocols.bpf.ts";
import { guard, limit, sources } from "../../examples/syn-guard.bpf.ts";
import { Tc, Xdp } from "../../src/kernel/context.ts";
import { encodePacket, ipv4, ipv6, textOf, type LayerInput } from "../../src/wire/index.ts";
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

test("SYNs beyond the limit are dropped, by source, and nothing else is", () => {
  const { run, kernel, v8 } = both(guard);
  kernel.map(limit).value = 3;
  v8.map(limit).value = 3;
  const syn = over4(client, server, tcp({ destinationPort: 80, syn: 1 }));
  const verdicts = Array.from({ length: 6 }, () => run(syn));
  expect(verdicts).toEqual([Xdp.Pass, Xdp.Pass, Xdp.Pass, Xdp.Pass, Xdp.Drop, Xdp.Drop]);
  for (const other of [tcp({ syn: 1, ack: 1 }), tcp({ ack: 1 }), icmp])
    expect(run(over4(client, server, other))).toBe(Xdp.Pass);
  expect(run(over4("198.51.100.8", server, tcp({ syn: 1 })))).toBe(Xdp.Pass);
  for (const map of [kernel.map(sources), v8.map(sources)])
    expect(map.get(client)).toMatchObject({ passed: 4n, dropped: 2n, tokens: 0 });
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
