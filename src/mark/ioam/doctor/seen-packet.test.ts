import { describe, expect, test } from "vitest";
import { PAYLOAD, ruleCases, severalOptions } from "../conformance/cases.ts";
import { frame } from "../conformance/frames.ts";
import { seenPacket } from "./seen-packet.ts";

const ETHERNET_BYTES = 14;

/** By what Hopmark's nodes, and the kernel's, count such packets under. */
const broken: Readonly<Record<string, string>> = {
  misaligned: "option-misaligned",
  truncated: "option-truncated",
  wrongNodeLength: "node-length-wrong",
};

describe("what a node drops a packet for is told from the packet, for every case of the rules", () => {
  test.each([...ruleCases, ...severalOptions].map((one) => [one.name, one] as const))("%s", (_, one) => {
    const payload = new Uint8Array(PAYLOAD);
    const whole = frame({
      hopByHop: one.hopByHop,
      payload,
      ...(one.payloadLength === undefined ? {} : { payloadLength: one.payloadLength }),
    });
    const seen = seenPacket(whole.subarray(ETHERNET_BYTES));
    const rule = one.outcome
      .split("+")
      .map((outcome) => broken[outcome])
      .find((found) => found !== undefined);
    expect(seen).toMatchObject({ hopByHop: true, destination: "db02::2", hopLimit: 64 });
    expect(seen?.trace?.broken ?? null).toBe(rule ?? null);
    if (rule !== undefined) expect(seen?.trace?.detail).not.toBe("");
    if (/^(filled|noRoom|overflowSet|namespaceUnknown)$/.test(one.outcome)) expect(seen?.trace?.trace).not.toBeNull();
  });
});

test("what is no IPv6 packet is nothing, and a trace that the capture cut off is not called wrong", () => {
  const { hopByHop } = ruleCases.find(({ outcome }) => outcome === "filled") ?? { hopByHop: new Uint8Array(0) };
  const packet = frame({ hopByHop }).subarray(ETHERNET_BYTES);
  expect(seenPacket(packet)?.trace).toMatchObject({ broken: null });
  for (let length = 0; length < packet.length; length++) {
    const seen = seenPacket(packet.subarray(0, length));
    expect(seen === null || seen.trace === null || seen.trace.broken === null, `${length} bytes`).toBe(true);
  }
  expect(seenPacket(Uint8Array.of(0x45, ...new Uint8Array(60)))).toBeNull();
});
