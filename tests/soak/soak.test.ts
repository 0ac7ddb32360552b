/** A slice of the soak for every test run: other packets each time. `npm run soak -- ioam` looks further. */
import { expect, test } from "vitest";
import { soak } from "./ioam/session.ts";
import { insertedRight, filledRight, strippedRight } from "./ioam/invariants.ts";
import { subjects } from "./ioam/subjects.ts";
import { Tc } from "../../src/kernel/context.ts";
import { frame, hopByHop, padding, traceHeader, traceOption } from "../../src/mark/ioam/conformance/frames.ts";
import { SEQUENCE_BITS } from "../../src/mark/ioam/sequence-number.ts";
import { plain, tunnelPacket } from "../../src/mark/ioam/test-support/encapsulated.ts";
import { device, rule } from "../../src/mark/ioam/test-support/nodes.ts";
import { ipv6 } from "../../src/wire/address.ts";
import { outerOf, tunnelledRight } from "./ioam/tunnel-invariants.ts";

const PACKETS = 3000;
const seed = Number(process.env["IOAM_SEED"] ?? Date.now() & 0xffff_ffff);

test.each(subjects.map((subject) => [subject.name, subject] as const))(
  `%s: ${PACKETS} packets of seed ${seed}`,
  { timeout: 60_000 },
  (_, subject) => {
    const { counted, inV8 } = soak(subject, { seed, packets: PACKETS, v8Every: 50 });
    expect(inV8).toBe(PACKETS / 50);
    if (subject.counters !== undefined) expect(Object.values(counted).some((count) => count > 0)).toBe(true);
  },
);

test("what is wrong is seen", () => {
  const given = frame({ hopByHop: traceHeader({ data: new Uint8Array(16) }), payload: new Uint8Array(8) });
  const changed = (at: number): Uint8Array => Uint8Array.from(given, (byte, index) => (index === at ? byte ^ 1 : byte));
  expect(filledRight(given, given)).toBe("");
  expect(filledRight(given, changed(70))).toBe("");
  expect(filledRight(given, changed(56))).toBe("byte 56, in no trace, changed");
  expect(filledRight(given, changed(30))).toBe("byte 30 before the options changed");
  expect(filledRight(given, changed(given.length - 1))).toBe(`byte ${given.length - 1} behind the options changed`);
  expect(strippedRight(given, given.subarray(0, 60))).toContain("bytes taken off");
  const bare = frame({ payload: new Uint8Array(8) });
  expect(strippedRight(given, bare)).toBe("");
  expect(insertedRight(bare, given)).toBe("");
  expect(strippedRight(given, frame({ payload: new Uint8Array(8), payloadLength: 9 }))).toBe("a payload length of 9");
  expect(insertedRight(bare, changed(55))).not.toBe("");
  expect(insertedRight(bare, changed(57))).not.toBe("");
});

test("what is wrong with a packet in a tunnel is seen", () => {
  const tunnel = {
    source: ipv6("db0f::1"),
    destination: ipv6("db0e::2"),
    ifindex: 1,
    egress: { ...device },
    mtu: 1500,
  };
  const right = tunnelPacket(rule(), tunnel);
  const check = (output: Uint8Array): string => tunnelledRight(plain, output, outerOf(tunnel));
  expect(check(right)).toBe("");
  expect(check(plain)).toBe("");
  const said = [...right.keys()].map((at) => check(right.map((byte, index) => (index === at ? byte ^ 0x80 : byte))));
  // What may differ is what nodes write: the trace's own header, flags and data.
  const options = { from: 54 + 2, to: right.length - plain.length + 14 };
  expect(said.flatMap((words, at) => (words === "" && (at < options.from || at >= options.to) ? [at] : []))).toEqual(
    [],
  );
  expect(check(right.slice(0, -1))).not.toBe("");
});

test("a number that is left out is seen", () => {
  const subject = subjects.find(({ name }) => name === "encap e2e")!;
  const given = frame({ destination: "db02::2", payload: new Uint8Array(8) });
  const numbered = (sequence: number): Uint8Array => {
    const header = hopByHop([padding(2), e2eOption(0x700 * 32, sequence), traceOption()], 59);
    return frame({ destination: "db02::2", hopByHop: header, payload: new Uint8Array(8) });
  };
  const check = (sequence: number): string => subject.check(given, Tc.Next, numbered(sequence), undefined);
  expect(check(1000)).toContain("number 1000 of");
  expect([1001, 1002].map(check)).toEqual(["", ""]);
  expect(check(1004)).toContain(`number 1004 of ${0x700 * 32}, not 1003`);
});

/** An Edge-to-Edge option without a time. */
const e2eOption = (group: number, sequence: number): Uint8Array => {
  const option = new Uint8Array(24);
  option.set([0x31, 22, 0, 3]);
  new DataView(option.buffer).setBigUint64(8, (BigInt(group) << SEQUENCE_BITS) | BigInt(sequence));
  return option;
};
