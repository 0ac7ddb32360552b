/** Stripping: the packet as it was before it was marked, in the kernel and in V8. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Twin, type TwinInput } from "../../../tests/support/twin.ts";
import { encodePacket } from "../../wire/packet/encode.ts";
import { toHex } from "../../wire/hex.ts";
import { receive } from "./receive.bpf.ts";
import { stripCounters, stripOutcomeNames } from "./strip-counters.ts";
import { behindTags, data, ethernet, markable, noOperations, packet, plain, udp } from "./test-support/packets.ts";

let twin: Twin;
beforeAll(() => {
  twin = new Twin(receive({ network: 14, strip: true, copy: null, to: null }));
});
afterAll(() => twin.close());

const run = (given: Uint8Array, input: TwinInput = {}): { after: string; outcome: string } => {
  const before = twin.counts(stripCounters, stripOutcomeNames);
  const { verdict, packet: after } = twin.run(given, input);
  expect(verdict).toBe(-1);
  const now = twin.counts(stripCounters, stripOutcomeNames);
  const grown = stripOutcomeNames.filter((name) => now[name] !== before[name]);
  return { after: toHex(after), outcome: grown.join() };
};

test.each(markable)("strips %s", (_, ip, above) => {
  for (const seq of [0n, 46n, 2n ** 64n - 1n]) {
    const marked = packet(ip, above, seq);
    const expected = { after: toHex(packet(ip, above)), outcome: "stripped" };
    expect(run(marked)).toEqual(expected);
    expect(run(marked, { checksumComplete: true })).toEqual(expected);
  }
});

test("strips behind a tag in the packet", () => {
  const marked = behindTags(packet({}, [udp, data(40)], 1n), [0x8100, 7]);
  expect(run(marked)).toEqual({ after: toHex(plain()), outcome: "stripped" });
});

const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
};
const marked = packet({}, [udp, data(40)], 1n);

test.each([
  ["no options", plain()],
  ["other options", packet({ options: noOperations(12) }, [udp])],
  ["options shorter than a mark", packet({ options: noOperations(8) }, [udp, data(40)])],
  ["another type", changed(marked, 34, 158)],
  ["another length", changed(marked, 35, 8)],
  ["a mark behind the header", changed(marked, 14, 0x45)],
  ["IPv6", encodePacket([ethernet, { protocol: "ipv6" }, udp, data(40)])],
])("leaves alone: %s", (_, given) => {
  expect(run(given)).toEqual({ after: toHex(given), outcome: "notMarked" });
});

test("leaves alone what claims to be shorter than its header", () => {
  const given = changed(changed(marked, 16, 0), 17, 31);
  expect(run(given)).toEqual({ after: toHex(given), outcome: "notStripped" });
});

test("a wrong header checksum stays wrong", () => {
  const wrong = changed(marked, 24, (marked[24] ?? 0) ^ 1);
  const { after } = run(wrong);
  const right = plain();
  expect(after).toBe(toHex(changed(right, 24, (right[24] ?? 0) ^ 1)));
});

test("hands up through the pair what fits it, and past it what does not", () => {
  const to = { ifindex: 7, farIfindex: 1, mtu: 68 };
  const upper = new Twin(receive({ network: 14, strip: false, copy: null, to }));
  for (const given of [plain(), packet({}, [udp, data(41)])]) expect(upper.run(given, { mtu: 1500 }).verdict).toBe(7);
  upper.close();
});
