/** Right programs, as people write them: what they must do, in the kernel and in V8 alike. */
import { describe, expect, test } from "vitest";
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import { decodeElement } from "../../src/kernel/simulate/element-bytes.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import { SimulatedMaps } from "../../src/kernel/simulate/simulated-maps.ts";
import { addressBytes, ipv4, ipv6, mac } from "../../src/wire/address.ts";
import { checksum } from "../../src/wire/checksum.ts";
import { fromHex, toHex } from "../fuzz/hex.ts";
import { agreeOn } from "./agree.ts";
import { encapsulate } from "./programs/encapsulate.bpf.ts";
import { Flow, FlowKey, NewFlow, flows, lost, news, trackFlows } from "./programs/flows.bpf.ts";
import { Copy, copies, copyOut, heads } from "./programs/output.bpf.ts";
import { counters, dropOdd, parseCount, sources } from "./programs/parse-count.bpf.ts";
import { prefixes, type Route } from "./programs/prefixes.bpf.ts";
import { tcpMss } from "./programs/tcp-mss.bpf.ts";

const ethernet = (etherType: string): string => `020000000001 020000000002 ${etherType}`;
const ip4 = (protocol: string, rest: string, ttl = "40", tos = "00"): string =>
  `${ethernet("0800")} 45${tos}0028 00000000 ${ttl}${protocol}0000 0a000001 0a000002 ${rest}`;
const ip6 = (next: string, rest: string): string =>
  `${ethernet("86dd")} 60000000 0014${next}40 ${"db01".padEnd(30, "0")}01 ${"db02".padEnd(30, "0")}02 ${rest}`;

describe("parse and count", () => {
  const counts = (contents: ReadonlyMap<string, string> | undefined, key: number): bigint[] => {
    const bytes = fromHex(contents?.get(`0${key}000000`) ?? "");
    // Per CPU: only one of them was used.
    return [0, 8].map((offset) => {
      let sum = 0n;
      for (let at = offset; at < bytes.length; at += 16) sum += new DataView(bytes.buffer).getBigUint64(at, true);
      return sum;
    });
  };

  test("counts packets and bytes by protocol, sources by address", () => {
    const packets = [ip6("06", "00"), ip6("06", "0000"), ip6("3a", "00"), ip4("06", "00".repeat(20))];
    const { maps, runs } = agreeOn(
      parseCount,
      packets.map((packet) => ({ packet })),
      [counters, sources],
    );
    expect(runs.map(({ verdict }) => verdict)).toEqual([-1, -1, -1, -1]);
    expect(counts(maps.get("counters"), 1)).toEqual([2n, 111n]);
    expect(counts(maps.get("counters"), 2)).toEqual([1n, 55n]);
    expect(counts(maps.get("counters"), 0)).toEqual([1n, 54n]);
    expect([...(maps.get("sources") ?? [])]).toEqual([
      [toHex(addressBytes("ipv6", "db01::1")), "0300000000000000".padEnd(32, "0")],
    ]);
  });

  test("drops what is odd", () => {
    const { runs } = agreeOn(dropOdd, [{ packet: "00".repeat(15) }, { packet: "00".repeat(16) }]);
    expect(runs.map(({ verdict }) => verdict)).toEqual([1, 2]);
  });
});

describe("encapsulation", () => {
  const tunnel = { nextHop: mac("02:00:00:00:00:09"), source: ipv4("192.0.2.1"), destination: ipv4("192.0.2.2") };

  test("puts a header with a right checksum in front, and copies DSCP and ECN", () => {
    const packet = ip4("11", "aabb", "40", "b9");
    const { runs } = agreeOn(encapsulate(tunnel), [{ packet }]);
    const after = runs[0]!.packet;
    expect(runs[0]!.verdict).toBe(3);
    expect(toHex(after.subarray(0, 14))).toBe("020000000009" + "020000000001" + "0800");
    expect(toHex(after.subarray(14, 24))).toBe("45b9003c00004000" + "4004");
    expect(checksum(after, 14, 20)).toBe(0);
    expect(toHex(after.subarray(26, 34))).toBe("c0000201c0000202");
    expect(toHex(after.subarray(34))).toBe(packet.replaceAll(" ", "").slice(28));
  });

  test("leaves out what the configuration leaves out", () => {
    const [copying, plain] = [encapsulate(tunnel), encapsulate({ ...tunnel, plain: true })];
    const packet = ip4("11", "", "40", "b9");
    expect(toHex(agreeOn(plain, [{ packet }]).runs[0]!.packet.subarray(14, 16))).toBe("4500");
    expect(compile(plain).code.instructions.length).toBeLessThan(compile(copying).code.instructions.length);
  });

  test("drops what must not go on, passes what is not IPv4", () => {
    const runs = [ip4("11", "", "01"), ip6("06", ""), ethernet("0800")].map((packet) => ({ packet }));
    expect(agreeOn(encapsulate(tunnel), runs).runs.map(({ verdict }) => verdict)).toEqual([1, 2, 2]);
  });
});

describe("a loop over TCP options", () => {
  const segment = (dataOffset: string, options: string): string =>
    ip4("06", `1f900050 00000001 00000000 ${dataOffset}002ffff 00000000 ${options}`);

  test.each([
    ["first", segment("6", "020405b4"), 1460],
    ["after no-operations", segment("7", "0101010102040218"), 536],
    ["behind a window scale", segment("7", "03030701 02040578"), 1400],
    ["behind a timestamp", segment("a", "0101080a0000000100000002 02042328 00000000"), 9000],
    ["none", segment("5", ""), 0],
    ["ended before it", segment("6", "00020405"), 0],
    ["an option without length", segment("6", "03000000"), 0],
    ["cut off", segment("6", "0204"), 0],
  ])("%s", (_, packet, mss) => {
    expect(agreeOn(tcpMss, [{ packet }]).runs[0]!.verdict).toBe(mss);
  });
});

describe("a table folded into code", () => {
  const routes: Route[] = Array.from({ length: 64 }, (_, at) => ({
    from: 0x0a00_0000 + at * 0x1000,
    to: 0x0a00_0000 + at * 0x1000 + 0x800,
    verdict: 100 + at,
  }));
  const to = (destination: number): string => `${"00".repeat(30)}${destination.toString(16).padStart(8, "0")}`;

  test("finds each range, and nothing between", () => {
    const runs = routes
      .flatMap(({ from, to: end }) => [from, end - 1, end, from - 1])
      .map((at) => ({ packet: to(at) }));
    const verdicts = agreeOn(prefixes(routes, { bySource: false }), runs).runs.map(({ verdict }) => verdict);
    expect(verdicts).toEqual(routes.flatMap(({ verdict }) => [verdict, verdict, 2, 2]));
  });

  test("compares in a tree: each address a few times, the code a few instructions a range", () => {
    expect(agreeOn(prefixes(routes, { bySource: true }), [{ packet: to(0) }]).instructions).toBeLessThan(64 * 6);
  });
});

describe("a flow table", () => {
  const udp = (port: string): string => ip6("11", `${port} 0035 0008 0000`);

  test("counts flows, and tells of each once", () => {
    const runs = [udp("1000"), udp("1000"), udp("1001"), ip6("3a", "00000000")].map((packet, at) => ({
      packet,
      monotonicNs: BigInt(at + 1) * 1000n,
    }));
    const outcome = agreeOn(trackFlows, runs, [flows, lost], [news]);
    const table = [...(outcome.maps.get("flows") ?? [])].map(([key, value]) => [
      decodeElement(FlowKey, fromHex(key)),
      decodeElement(Flow, fromHex(value)),
    ]);
    const key = { source: ipv6("db01::1"), destination: ipv6("db02::2"), destinationPort: 53, protocol: 17 };
    expect(table).toHaveLength(2);
    expect(table).toEqual(
      expect.arrayContaining([
        [
          { ...key, sourcePort: 0x1000 },
          { packets: 2n, bytes: 124n, firstNs: 1000n },
        ],
        [
          { ...key, sourcePort: 0x1001 },
          { packets: 1n, bytes: 62n, firstNs: 3000n },
        ],
      ]),
    );
    expect(outcome.runs.map(({ records }) => records.map(({ bytes }) => decodeElement(NewFlow, bytes)))).toEqual([
      [{ protocol: 17, firstNs: 1000n }],
      [],
      [{ protocol: 17, firstNs: 3000n }],
      [],
    ]);
    expect(outcome.maps.get("lost")?.size).toBe(0);
  });
});

test("a function from a module that was not transformed has no source", () => {
  expect(() => compile({ ...dropOdd, body: () => 0 })).toThrow(/source of program drop_odd is not known/);
});

describe("records of any length", () => {
  const bytes = (count: number): string => Array.from({ length: count }, (_, at) => toHex(Uint8Array.of(at))).join("");

  test("of a map's value, of the stack and of the packet", () => {
    const runs = [
      { packet: bytes(24), mark: 0 },
      { packet: bytes(24), mark: 7 },
      { packet: bytes(16), mark: 14 },
      { packet: bytes(100), mark: 3 },
    ];
    const outcome = agreeOn(copyOut, runs, [], [copies, heads]);
    const records = outcome.runs.map((run) => run.records.map(({ ring, bytes: own }) => `${ring} ${toHex(own)}`));
    expect(records).toEqual([
      [`copies 18000000${bytes(24).slice(28)}`, "heads ", "heads "],
      [`copies 18000000${bytes(24).slice(28)}`, "heads 0e0f10", `heads ${bytes(7)}`],
      [`copies 10000000${bytes(16).slice(28)}`, `heads ${bytes(14)}`],
      [`copies 64000000${bytes(78).slice(28)}`, "heads 0e0f10", `heads ${bytes(3)}`],
    ]);
    expect(outcome.runs.map(({ verdict }) => verdict)).toEqual([3, 3, 2, 3]);
  });

  test("a full ring takes none, and says so", () => {
    // 64 + 4 + 8 bytes of header, rounded up: 80 of 4096 each; nobody reads.
    const loaded = load(compile(copyOut));
    const maps = new SimulatedMaps();
    const packet = new Uint8Array(100);
    const verdicts = Array.from({ length: 60 }, () => [
      loaded.testRun(packet).verdict,
      simulate(copyOut, { packet, maps }).verdict,
    ]);
    loaded.close();
    expect(verdicts.map(([kernel]) => kernel)).toEqual(verdicts.map(([, v8]) => v8));
    expect(verdicts.filter(([kernel]) => kernel === 3)).toHaveLength(51);
    expect(verdicts.at(-1)).toEqual([2, 2]);
  });

  test("the loader knows which layouts may be cut short", () => {
    const { records } = compile(copyOut);
    expect(records?.get(copies)).toEqual([{ layout: Copy, mayBeShorter: true }]);
  });
});
