import { expect, test } from "vitest";
import { encodePacket } from "../packet/encode.ts";
import { hopByHopLength, layOutHopByHop, traceShape, type OptionShape } from "./hop-by-hop.ts";

/** Offsets and paddings, as `at+bytes`. */
const laidOut = (...options: OptionShape[]): { at: number[]; paddings: string[]; bytes: number } => {
  const { options: placed, paddings, bytes } = layOutHopByHop(options);
  return { at: placed.map(({ at }) => at), paddings: paddings.map((pad) => `${pad.at}+${pad.bytes}`), bytes };
};
const aligned = (bytes: number, alignment: number): OptionShape => ({ bytes, alignment });

test.each([
  ["nothing", [], { at: [], paddings: ["2+6"], bytes: 8 }],
  ["a trace that fills its header", [traceShape(48)], { at: [4], paddings: ["2+2"], bytes: 64 }],
  ["a trace that leaves 4 bytes", [traceShape(84)], { at: [4], paddings: ["2+2", "100+4"], bytes: 104 }],
  ["an option of any place", [aligned(3, 1)], { at: [2], paddings: ["5+3"], bytes: 8 }],
  ["one byte missing", [aligned(5, 1)], { at: [2], paddings: ["7+1"], bytes: 8 }],
  ["none missing", [aligned(6, 1)], { at: [2], paddings: [], bytes: 8 }],
  ["at 8n", [aligned(8, 8)], { at: [8], paddings: ["2+6"], bytes: 16 }],
  [
    "one behind the other, both at 4n",
    [traceShape(84), aligned(24, 4)],
    { at: [4, 100], paddings: ["2+2", "124+4"], bytes: 128 },
  ],
  ["a gap between", [aligned(5, 4), aligned(8, 4)], { at: [4, 12], paddings: ["2+2", "9+3", "20+4"], bytes: 24 }],
] as const)("%s", (_, options, expected) => expect(laidOut(...options)).toEqual(expected));

test("no header is longer than its length field can say", () => {
  expect(laidOut(aligned(2044, 4)).bytes).toBe(2048);
  expect(() => layOutHopByHop([aligned(2045, 4)])).toThrow("a Hop-by-Hop header of 2056 bytes is longer than 2048");
});

test("a trace of every size takes what its encoder makes", () => {
  for (let size = 4; size <= 244; size += 4) {
    const flags = { overflow: false, loopback: false, active: false };
    const trace = { namespaceId: 1, traceType: 0x800000, nodeLength: 1, remainingWords: size / 4, flags, hops: [] };
    const ioam = { kind: "ioam", ioamType: 0, reserved: 0, trace } as const;
    const packet = encodePacket([{ protocol: "ipv6" }, { protocol: "hop-by-hop", options: [ioam] }]);
    expect(packet.length - 40).toBe(hopByHopLength(size));
  }
});
