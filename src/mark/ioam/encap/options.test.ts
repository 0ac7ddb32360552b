import { describe, expect, test } from "vitest";
import { checkEncap, prefixHalves, refuseSecondRule, type EncapOptions } from "./options.ts";

const rule: EncapOptions = {
  prefix: "db02::/64",
  traceType: 0xfe0000,
  namespaceId: 123,
  size: 84,
  frequency: { packets: 1, of: 1 },
};

describe("what a rule may say", () => {
  test.each<[Partial<EncapOptions>, Partial<EncapOptions>]>([
    [{}, rule],
    [{ prefix: "DB02:0::/64" }, { prefix: "db02::/64" }],
    [{ prefix: "db02::2" }, { prefix: "db02::2/128" }],
    [{ prefix: "::/0" }, { prefix: "::/0" }],
    [{ traceType: 0xfff002 }, { traceType: 0xfff002 }],
    [{ size: 4 }, { size: 4 }],
    [{ size: 244 }, { size: 244 }],
    [{ namespaceId: 0 }, { namespaceId: 0 }],
    [{ namespaceId: 65_535 }, { namespaceId: 65_535 }],
    [{ frequency: { packets: 3, of: 1_000_000 } }, { frequency: { packets: 3, of: 1_000_000 } }],
  ])("%j", (change, expected) => {
    expect(checkEncap({ ...rule, ...change })).toMatchObject(expected);
  });
});

describe("what is refused, and how", () => {
  test.each<[Partial<EncapOptions>, string]>([
    [{ traceType: 0 }, "trace type 0 asks for no data"],
    [{ traceType: 0x1_000_000 }, "trace type 0x1000000 has more than 24 bits"],
    [{ traceType: 0xf00001 }, "trace type 0xf00001 sets bits that RFC 9197 leaves undefined (0x000001)"],
    [{ traceType: 0x880800 }, "trace type 0x880800 sets bits that RFC 9197 leaves undefined (0x000800)"],
    [{ size: 0 }, "size 0 is not a multiple of 4 from 4 to 244"],
    [{ size: 82 }, "size 82 is not a multiple of 4 from 4 to 244"],
    [{ size: 248 }, "size 248 is not a multiple of 4 from 4 to 244"],
    [{ namespaceId: 65_536 }, "namespace 65536 is not in 0 to 65535"],
    [{ frequency: { packets: 0, of: 1 } }, "freq 0/1 is not K/N with 1 <= K <= N <= 1000000"],
    [{ frequency: { packets: 2, of: 1 } }, "freq 2/1 is not K/N with 1 <= K <= N <= 1000000"],
    [{ frequency: { packets: 1, of: 1_000_001 } }, "freq 1/1000001 is not K/N with 1 <= K <= N <= 1000000"],
    [{ prefix: "10.0.0.0/8" }, "10.0.0.0/8 is an IPv4 prefix; IOAM traces are carried by IPv6"],
    [{ prefix: "db02::1/64" }, '"db02::1/64" is not a prefix: bits after the first 64 are set; write db02::/64'],
    [{ prefix: "nowhere" }, '"nowhere" is not a prefix'],
  ])("%j", (change, message) => {
    expect(() => checkEncap({ ...rule, ...change })).toThrow(expect.objectContaining({ name: "ConfigError", message }));
  });

  test("a size that is no multiple of 4 is told the next one", () => {
    const refused = (): unknown => checkEncap({ ...rule, size: 82 });
    expect(refused).toThrow(expect.objectContaining({ hint: "write size 84" }));
  });
});

describe("Direct Export", () => {
  const { size: _, ...unsized } = rule;
  const dex: EncapOptions = { ...unsized, trace: "dex" };

  test("a flow id may be asked for, and nothing has a size", () => {
    expect(checkEncap(dex)).toEqual({ ...dex, mode: "inline", size: 0 });
    expect(checkEncap({ ...dex, flowId: 0xffff_ffff })).toMatchObject({ flowId: 0xffff_ffff, size: 0 });
    expect(checkEncap({ ...rule, trace: "prealloc" })).toEqual(checkEncap(rule));
  });

  test.each<[EncapOptions, string, string | undefined]>([
    [
      unsized,
      "a pre-allocated trace needs a size",
      "add size BYTES: hopmark ioam plan --type 0xfe0000 --hops N says how many",
    ],
    [{ ...rule, flowId: 1 }, "flow is for trace dex", "say trace dex, or leave the flow out"],
    [{ ...dex, size: 84 }, "trace dex has no size: nodes write nothing into the packet", "leave the size out"],
    [
      { ...dex, e2e: true },
      "e2e is for trace prealloc: the sink needs the trace beside it",
      "leave e2e out: trace dex numbers its packets, too",
    ],
    [
      { ...dex, traceType: 0xf10000 },
      "trace dex has no checksum complement (bit 7): it is for data in packets",
      "write type 0xf00000",
    ],
    [
      { ...dex, traceType: 0x010000 },
      "trace dex has no checksum complement (bit 7): it is for data in packets",
      "ask for other data",
    ],
    [{ ...dex, flowId: 2 ** 32 }, "flow 4294967296 is not in 0 to 4294967295", undefined],
    [{ ...dex, flowId: -1 }, "flow -1 is not in 0 to 4294967295", undefined],
  ])("%j: refused", (options, message, hint) => {
    expect(() => checkEncap(options)).toThrow(expect.objectContaining({ name: "ConfigError", message, hint }));
  });
});

describe("modes", () => {
  const encap: Partial<EncapOptions> = { mode: "encap", tundst: "db0e::2" };

  test.each<[Partial<EncapOptions>, Partial<EncapOptions>]>([
    [{}, { mode: "inline" }],
    [{ mode: "inline" }, { mode: "inline" }],
    [encap, { mode: "encap", tundst: "db0e::2" }],
    [
      { ...encap, mode: "auto" },
      { mode: "auto", tundst: "db0e::2" },
    ],
    [
      { ...encap, tundst: "DB0E:0::2", tunsrc: "db0f::0:1" },
      { tundst: "db0e::2", tunsrc: "db0f::1" },
    ],
  ])("%j", (change, expected) => {
    expect(checkEncap({ ...rule, ...change })).toMatchObject(expected);
  });

  test.each<[Partial<EncapOptions>, string]>([
    [{ tundst: "db0e::2" }, "tundst is for modes encap and auto"],
    [{ mode: "inline", tunsrc: "db0e::2" }, "tunsrc is for modes encap and auto"],
    [{ mode: "encap" }, "mode encap needs the address where its outer header ends"],
    [{ mode: "auto", tunsrc: "db0e::2" }, "mode auto needs the address where its outer header ends"],
    [{ ...encap, tundst: "::" }, "tundst :: is the unspecified address"],
    [{ ...encap, tunsrc: "::" }, "tunsrc :: is the unspecified address"],
    [{ ...encap, tundst: "::1" }, "tundst ::1 is the loopback address"],
    [{ ...encap, tundst: "ff02::1" }, "tundst ff02::1 is a multicast address"],
    [{ ...encap, tundst: "fe80::1" }, "tundst fe80::1 is a link-local address, which no route leads to"],
    [{ ...encap, tundst: "10.0.0.1" }, 'tundst "10.0.0.1" is not an IPv6 address'],
    [{ ...encap, tundst: "db0e::/64" }, 'tundst "db0e::/64" is not an IPv6 address'],
  ])("%j: refused", (change, message) => {
    expect(() => checkEncap({ ...rule, ...change })).toThrow(expect.objectContaining({ name: "ConfigError", message }));
  });
});

test("a prefix has one rule, and may lie within another", () => {
  const others = new Set(["db03::/64", "db02::/48", "db02::2/128", "::/0"]);
  expect(() => refuseSecondRule("db02::/64", others, "eth0")).not.toThrow();
  expect(() => refuseSecondRule("db02::/48", others, "eth0")).toThrow("eth0 already traces packets to db02::/48");
});

test("prefixes as two halves", () => {
  const ones = 0xffff_ffff_ffff_ffffn;
  expect(prefixHalves("::/0")).toEqual({ high: 0n, low: 0n, highMask: 0n, lowMask: 0n });
  expect(prefixHalves("db02::/64")).toEqual({ high: 0xdb02_0000_0000_0000n, low: 0n, highMask: ones, lowMask: 0n });
  expect(prefixHalves("db02::2/128")).toEqual({ high: 0xdb02_0000_0000_0000n, low: 2n, highMask: ones, lowMask: ones });
  expect(prefixHalves("db02:8000::/17").highMask).toBe(0xffff_8000_0000_0000n);
  expect(prefixHalves("db02::ff00:0:0:0/72").lowMask).toBe(0xff00_0000_0000_0000n);
});
