import { expect, test } from "vitest";
import { plainStyle } from "../framework/style.ts";
import { makePlan } from "./make-plan.ts";
import { planText } from "./plan-text.ts";

const textOf = (...input: Parameters<typeof makePlan>): string => planText(makePlan(...input), plainStyle, 80);

test("a plan shows each node's share, the header as it lies on the wire, and what to type", () => {
  expect(textOf({ type: 0xf0_0000, hops: 3 })).toBe(`type 0xf00000, 3 nodes, inline

  bit 0  hop limit and node id   4
  bit 1  interface ids           4
  bit 2  timestamp seconds       4
  bit 3  timestamp fraction      4
         each node writes       16

    Hop-by-Hop header and PadN   4
    IOAM option                  4
    trace header                 8
    trace data                  48
    inserted into each packet   64

  ▒▒▒▒▓▓▓▓████▓▓▓▓
      3   2   1

  size to ask for    48  room for 3 nodes
  most nodes         15  of 16 bytes in the 244 that a trace can hold
  MTU              1436  1500 - 64 inserted
  TCP segment      1376  MTU - 40 of IPv6 - 20 of TCP

  encap add lowers the route's MTU by what it inserts. For packets of 1500
  bytes, give every link behind it an MTU of 1564.
  hopmark ioam encap add PREFIX dev DEVICE trace prealloc type 0xf00000 ns ID size 48`);
});

test("Direct Export costs the same on any number of nodes", () => {
  expect(textOf({ type: 0xf0_0000, hops: 1, dex: true })).toBe(`type 0xf00000, Direct Export, inline

  bit 0  hop limit and node id   4
  bit 1  interface ids           4
  bit 2  timestamp seconds       4
  bit 3  timestamp fraction      4
         each node reports      16

    Hop-by-Hop header and PadN   4
    IOAM option                  4
    Direct Export header         8
    flow id, sequence number     8
    inserted into each packet   24

  ▒▒▒▒▒▒

  most nodes    any  packets stay as long as they are
  MTU          1476  1500 - 24 inserted
  TCP segment  1416  MTU - 40 of IPv6 - 20 of TCP

  encap add lowers the route's MTU by what it inserts. For packets of 1500
  bytes, give every link behind it an MTU of 1524.
  hopmark ioam encap add PREFIX dev DEVICE trace dex type 0xf00000 ns ID`);
  expect(makePlan({ type: 0xfe_0000, hops: 200, dex: true, mode: "encap" })).toMatchObject({
    ok: true,
    insertedBytes: 64,
    directExport: true,
  });
  expect(makePlan({ type: 0xfe_0000, hops: 2, dex: true, mtu: 1300 }).problems).toMatchObject([
    { remedy: "raise the MTU of the path's links from 1300 to 1304 or more" },
  ]);
});

test("words that stay free are dots, an outer header and padding are shown", () => {
  expect(textOf({ type: 0x80_0000, hops: 2, size: 20, mode: "auto" })).toContain(
    "\n  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒···█▓░\n                   21\n",
  );
});

test.each<[Parameters<typeof makePlan>[0], string, string]>([
  [
    { type: 0xfe_0000, hops: 3, size: 60 },
    "3 nodes of 28 bytes take 84 bytes, more than size 60: only the first 2 write, and the overflow flag is set",
    "ask for size 84",
  ],
  [
    { type: 0xfe_0000, hops: 9, mtu: 9000 },
    "9 nodes of 28 bytes take 252 bytes, more than the 244 that fit: only the first 8 write, and the overflow flag is set",
    "ask for type 0xfa0000 size 216: all fields but namespace data",
  ],
  [
    { type: 0x80_0000, hops: 62, mtu: 9000 },
    "62 nodes of 4 bytes take 248 bytes, more than the 244 that fit: only the first 61 write, and the overflow flag is set",
    "no type fits: a trace has room for at most 61 nodes",
  ],
  [
    { type: 0xfe_0000, hops: 1, size: 20 },
    "1 node of 28 bytes takes 28 bytes, more than size 20: no node writes, and the overflow flag is set",
    "ask for size 28",
  ],
  [
    { type: 0xfe_0000, hops: 7, tunnel: "ipip" },
    "256 bytes more leave packets an MTU of 1244, less than IPv6's minimum of 1280",
    "raise the MTU of the path's links from 1500 to 1536 or more, or ask for fewer fields or a smaller size",
  ],
])("%j: what is wrong, and what would do", (input, problem, remedy) => {
  const plan = makePlan(input);
  expect(plan).toMatchObject({ ok: false, problems: [{ problem, remedy }] });
  expect(planText(plan, plainStyle, 80).replaceAll(/\s+/g, " ")).toContain(`${problem} -> ${remedy}`);
});

test.each<[Parameters<typeof makePlan>[0], string]>([
  [{ type: 0, hops: 1 }, "trace type 0 asks for no data"],
  [{ type: 0x00_0800, hops: 1 }, "leaves undefined (0x000800)"],
  [{ type: 0xf0_0000, hops: 1, size: 42 }, "size 42 is not a multiple of 4"],
  [{ type: 0xf0_0000, hops: 1, outer: "ipv4" }, "there is no tunnel"],
  [{ type: 0xf1_0000, hops: 1, dex: true }, "trace dex has no checksum complement"],
  [{ type: 0xf0_0000, hops: 1, dex: true, size: 16 }, "--size is for traces"],
  [{ type: 0xf0_0000, hops: 1, dex: true, e2e: true }, "--e2e is for traces"],
])("%j is refused", (input, message) => expect(() => makePlan(input)).toThrow(message));
