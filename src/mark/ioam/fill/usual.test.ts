/** The short way for usual headers does what the rules do one by one, or nothing. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Xdp } from "../../../kernel/context.ts";
import { simulate } from "../../../kernel/simulate/simulate.ts";
import { toHex } from "../../../wire/hex.ts";
import { PAYLOAD, ruleCases, severalOptions } from "../conformance/cases.ts";
import { frame, hopByHop, padding, traceHeader, traceOption, type TraceOptionInput } from "../conformance/frames.ts";
import { fillAtXdp } from "../test-support/fill-anywhere.bpf.ts";
import { clock, device, node } from "../test-support/nodes.ts";
import { mutatedFrame } from "../test-support/mutated.ts";

const config = { node, device };
const nowNs = clock.taiNs;
const byRules = fillAtXdp(config, { nowNs });
const usualFirst = fillAtXdp(config, { nowNs, usual: true });

/** Whether the packet took the short way. What it came to is compared. */
const isUsual = (packet: Uint8Array): boolean => {
  const expected = simulate(byRules, { packet: packet.slice() });
  const found = simulate(usualFirst, { packet: packet.slice() });
  const took = found.verdict === Xdp.Redirect;
  const verdict = took ? Xdp.Pass : found.verdict;
  if (verdict !== expected.verdict || Buffer.compare(found.packet, expected.packet) !== 0) {
    expect({ given: toHex(packet), verdict, packet: toHex(found.packet) }).toEqual({
      given: toHex(packet),
      verdict: expected.verdict,
      packet: toHex(expected.packet),
    });
  }
  if (took) expect(toHex(found.packet)).not.toBe(toHex(packet));
  return took;
};

const payload = new Uint8Array(PAYLOAD);
const packetOf = (header: Uint8Array): Uint8Array => frame({ hopByHop: header, payload });
const sized = (bytes: number, input: TraceOptionInput = {}): TraceOptionInput => ({
  traceType: 0xfe0000,
  data: new Uint8Array(bytes),
  ...input,
});

test.each([
  ["all fields of the usual type", traceHeader(sized(84)), true],
  ["a padding behind it", traceHeader(sized(56)), true],
  ["ids and times alone", traceHeader(sized(48, { traceType: 0xf00000 })), true],
  ["the last entry", traceHeader(sized(84, { remaining: 7 })), true],
  ["the longest trace", traceHeader(sized(244)), true],
  ["flags that nodes ignore", traceHeader(sized(84, { flags: 7 })), true],
  ["each namespace", traceHeader(sized(84, { namespaceId: 0 })), true],
  ["a foreign namespace", traceHeader(sized(84, { namespaceId: 4 })), false],
  ["no room", traceHeader(sized(84, { remaining: 6 })), false],
  ["overflow", traceHeader(sized(84, { flags: 8 })), false],
  ["another type", traceHeader(sized(84, { traceType: 0xfc0000 })), false],
  ["a wrong node length", traceHeader(sized(84, { nodeLength: 6 })), false],
  ["remaining words past the data", traceHeader(sized(28, { remaining: 8 })), false],
  ["an option that ends past the header", traceHeader(sized(84, { length: 99 })), false],
  ["an option that ends too soon", traceHeader(sized(84, { length: 90 })), false],
  [
    "an option of another type behind it",
    hopByHop([padding(2), traceOption(sized(28)), padding(2), padding(4)]),
    false,
  ],
  ["no padding in front", hopByHop([traceOption(sized(28))]), false],
  ["four Pad1 behind it", hopByHop([padding(2), traceOption(sized(84)), new Uint8Array(4)]), false],
])("%s", (_, header, usual) => {
  expect(isUsual(packetOf(header))).toBe(usual);
});

test("every rule, and headers that something happened to", () => {
  for (const { name: _, outcome: __, others: ___, known: ____, ...headers } of [...ruleCases, ...severalOptions])
    isUsual(frame({ ...headers, payload }));
  fc.assert(
    fc.property(mutatedFrame({ cut: true }), (packet) => void isUsual(packet)),
    { numRuns: 1000 },
  );
});

test("usual headers with one or two other bytes", () => {
  const bases = [28, 48, 56, 84, 244].flatMap((bytes) =>
    [0xfe0000, 0xf00000].map((traceType) => traceHeader(sized(bytes, { traceType }))),
  );
  const change = fc.record({
    // In the headers, or in the padding at the end.
    at: fc.oneof(fc.integer({ min: 0, max: 19 }), fc.integer({ min: -6, max: -1 })),
    byte: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 2, 4, 7, 0x31, 0x38, 0x7b, 0x80, 0xf0, 0xfe)),
  });
  let usual = 0;
  fc.assert(
    fc.property(fc.constantFrom(...bases), fc.array(change, { minLength: 1, maxLength: 2 }), (base, changes) => {
      const header = base.slice();
      for (const { at, byte } of changes) header[at < 0 ? header.length + at : at] = byte;
      if (isUsual(packetOf(header))) usual++;
    }),
    { numRuns: 2500 },
  );
  expect(usual).toBeGreaterThan(100);
});
