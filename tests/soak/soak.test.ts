/** A slice of the soak for every test run: other packets each time. `npm run soak -- ioam` looks further. */
import { expect, test } from "vitest";
import { soak } from "./ioam/session.ts";
import { insertedRight, filledRight, strippedRight } from "./ioam/invariants.ts";
import { subjects } from "./ioam/subjects.ts";
import { frame, traceHeader } from "../../src/mark/ioam/conformance/frames.ts";

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
