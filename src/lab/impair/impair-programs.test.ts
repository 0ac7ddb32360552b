/** The programs in the kernel and in V8: the same verdicts, lists and copies. */
import { execFileSync } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { markedDatagram } from "../../../tests/support/marked-frames.ts";
import { Twin } from "../../../tests/support/twin.ts";
import { kernelBtf } from "../../bpf/btf/kernel-btf.ts";
import { load } from "../../bpf/instance.ts";
import { compile } from "../../compiler/compile.ts";
import { temporaryNetns } from "../../linux/fixtures/temporary-netns.ts";
import { readLayout } from "../../wire/codec.ts";
import { ipv6, mac } from "../../wire/address.ts";
import { encodePacket } from "../../wire/packet/encode.ts";
import { hitRing, impair, impairAtXdp, matched, RETURN_MARK, stopped } from "./impair.bpf.ts";
import { heldRing } from "./keep.bpf.ts";
import { parsePattern } from "./pattern.ts";
import { DueRecord, HeldHead, HitRecord } from "./records.ts";
import type { ImpairRules, Match } from "./rules.ts";

const everything: Match = { family: "any", protocol: null, port: null, marked: false };
const nothing: ImpairRules = {
  seed: 5n,
  match: everything,
  loss: null,
  duplicate: null,
  reorder: null,
  delay: null,
  hold: null,
};
const place = { direction: "ingress", link: 14 } as const;

const reorder = { pattern: parsePattern("every:9"), by: 3 };
const delay = { pattern: parsePattern("7%"), delayNs: 1e6, jitterNs: 1e5 };
const longest = parsePattern(`at:${Array.from({ length: 128 }, (_, at) => `${at * 10}-${at * 10 + 3}`).join(",")}`);

let twin: Twin | undefined;
afterEach(() => twin?.close());

const marked = (seq: bigint, payloadBytes = 20): Uint8Array =>
  markedDatagram({ toMac: "02:00:00:00:00:02", source: "10.0.0.1", destination: "10.0.0.2", payloadBytes }, 3, seq);

/** Both have the same records, but for times. */
const records = (ring: typeof hitRing): Uint8Array[] => twin!.records(ring).kernel;

describe("what counts", () => {
  const datagram6 = encodePacket([
    { protocol: "ethernet", header: { source: mac("02:00:00:00:00:01"), destination: mac("02:00:00:00:00:02") } },
    { protocol: "ipv6", header: { source: ipv6("db01::1"), destination: ipv6("db02::2") } },
    { protocol: "udp", header: { sourcePort: 5, destinationPort: 9 } },
    { protocol: "payload", bytes: Uint8Array.of(1, 2, 3) },
  ]);
  const solicitation = encodePacket([
    { protocol: "ethernet", header: { source: mac("02:00:00:00:00:01"), destination: mac("02:00:00:00:00:02") } },
    { protocol: "ipv6", header: { source: ipv6("db01::1"), destination: ipv6("db02::2"), nextHeader: 58 } },
    { protocol: "payload", bytes: Uint8Array.of(135, 0, 0, 0, 0, 0, 0, 0) },
  ]);
  const arp = new Uint8Array(60);
  arp.set([8, 6], 12);
  const tagged = Uint8Array.from([...marked(1n).subarray(0, 12), 0x81, 0, 0, 5, ...marked(1n).subarray(12)]);
  const fragment = marked(1n);
  fragment[14 + 7] = 9;
  const short = marked(1n).subarray(0, 14 + 20);
  const packets = { v4: marked(1n), v6: datagram6, solicitation, arp, tagged, fragment, short };
  test.each<[match: Partial<Match>, names: (keyof typeof packets)[]]>([
    [{}, ["v4", "v6", "tagged", "fragment", "short"]],
    [{ family: "ipv4" }, ["v4", "tagged", "fragment", "short"]],
    [{ family: "ipv6" }, ["v6"]],
    [{ marked: true }, ["v4", "tagged", "fragment"]],
    [{ protocol: 17 }, ["v4", "v6", "tagged", "fragment", "short"]],
    [{ protocol: 6 }, []],
    [{ port: 9 }, ["v4", "v6", "tagged"]],
    [{ port: 10 }, []],
  ])("%j", (match, names) => {
    twin = new Twin(impairAtXdp({ ...nothing, match: { ...everything, ...match }, loss: parsePattern("100%") }, 14));
    const hit = Object.entries(packets).filter(([, packet]) => twin!.run(packet).verdict === 1);
    expect(hit.map(([name]) => name)).toEqual(names);
  });
});

test("lost packets are listed with their marks", () => {
  twin = new Twin(impair({ ...nothing, loss: parsePattern("25%x2") }, place));
  const verdicts = Array.from({ length: 60 }, (_, at) => twin!.run(marked(BigInt(at * 10))).verdict);
  const lost = verdicts.flatMap((verdict, at) => (verdict === 2 ? [at] : []));
  expect(lost.length).toBeGreaterThan(3);
  expect(records(hitRing).map((record) => readLayout(HitRecord, record, 0))).toEqual(
    lost.map((at) => ({ index: BigInt(at), seq: BigInt(at * 10), harm: 0, isMarked: 1, cpu: 3 })),
  );
  expect(twin.kernel.map(matched).value).toBe(60n);
});

test("on its way out a lost packet goes nowhere, so that its sender does not hear of it", () => {
  twin = new Twin(impair({ ...nothing, loss: parsePattern("every:2") }, { direction: "egress", link: 14 }));
  expect([0n, 1n, 2n].map((seq) => twin!.run(marked(seq)).verdict)).toEqual([7, -1, 7]);
});

test("a copy carries our mark, the packet its own", () => {
  const netns = temporaryNetns();
  execFileSync("ip", ["-n", netns.name, "link", "set", "lo", "up"]);
  twin = new Twin(impair({ ...nothing, duplicate: parsePattern("at:1") }, place));
  const run = () => twin!.runBoth(marked(0n), { netns, context: { mark: 9 } });
  expect(run().v8).toMatchObject({ verdict: -1, clones: [] });
  const { kernel, v8 } = run();
  expect(kernel.packet).toEqual(marked(0n));
  expect(v8).toMatchObject({
    verdict: -1,
    context: { mark: 9, priority: 0 },
    clones: [{ ifindex: 1, flags: 1, mark: RETURN_MARK, packet: marked(0n) }],
  });
  expect(records(hitRing).map((record) => readLayout(HitRecord, record, 0))).toMatchObject([{ index: 1n, harm: 1 }]);
  // The copy: by again, and not counted.
  expect(twin.runBoth(marked(0n), { context: { mark: RETURN_MARK }, simulated: { priority: 9 } }).v8).toMatchObject({
    verdict: -1,
    context: { mark: 9, priority: 0 },
  });
  expect(twin.kernel.map(matched).value).toBe(2n);
});

test("what waits is handed over whole, and told when it is due", () => {
  const both = { pattern: parsePattern("at:0,1"), by: 3 };
  twin = new Twin(impair({ ...nothing, reorder: both, duplicate: parsePattern("at:1") }, place));
  const sizes = [20, 300, 30, 20, 20, 20];
  expect(sizes.map((bytes, at) => twin!.run(marked(BigInt(at), bytes)).verdict)).toEqual([2, 2, -1, -1, -1, -1]);
  const held = records(heldRing);
  expect(held.map(({ length }) => length)).toEqual([32 + 256, 32 + 2048, 8, 8]);
  for (const at of [0, 1]) {
    const record = held[at]!;
    const { index, length, copies, checksumPartial, vlanProtocol } = readLayout(HeldHead, record, 0);
    expect({ index, copies, checksumPartial, vlanProtocol }).toEqual({
      index: BigInt(at),
      copies: at + 1,
      checksumPartial: 0,
      vlanProtocol: 0,
    });
    expect(record.subarray(32, 32 + length)).toEqual(marked(BigInt(at), sizes[at]));
  }
  expect(held.slice(2).map((record) => readLayout(DueRecord, record, 0).index)).toEqual([0n, 1n]);
});

test("once it is told to stop, all pass", () => {
  twin = new Twin(impair({ ...nothing, loss: parsePattern("100%") }, place));
  expect(twin.run(marked(0n)).verdict).toBe(2);
  twin.setVariable(stopped, 1);
  expect(twin.run(marked(0n)).verdict).toBe(-1);
});

test.each<[name: string, rules: Partial<ImpairRules>]>([
  ["everything at once", { loss: parsePattern("1%x5"), duplicate: parsePattern("every:100x2"), reorder, delay }],
  ["lists as long as they may be", { loss: longest, duplicate: longest }],
])("what the verifier walks is bounded: %s", (_name, rules) => {
  for (const program of [impair({ ...nothing, ...rules }, place), impairAtXdp({ ...nothing, ...rules }, 14)]) {
    const loaded = load(compile(program, { kernelTypes: kernelBtf() }));
    expect(loaded.info().verifiedInstructions).toBeLessThan(100_000);
    loaded.close();
  }
});
