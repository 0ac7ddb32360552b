import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { LinkType } from "../../../wire/numbers.ts";
import { encodeIoamTrace } from "../../../wire/ioam/encode.ts";
import type { IoamHop } from "../../../wire/ioam/trace.ts";
import { ruleCases } from "../conformance/cases.ts";
import { frame, hopByHop, padding } from "../conformance/frames.ts";
import { examineCapture } from "./examine-capture.ts";

interface File {
  readonly packets: readonly Uint8Array[];
  readonly linkType?: number;
  readonly little?: boolean;
}

/** A classic capture file. */
const pcap = ({ packets, linkType = LinkType.Ethernet, little = true }: File): Uint8Array => {
  const view = new DataView(new ArrayBuffer(packets.reduce((sum, { length }) => sum + 16 + length, 24)));
  view.setUint32(0, 0xa1b2c3d4, little);
  view.setUint32(20, linkType, little);
  let at = 24;
  for (const packet of packets) {
    view.setUint32(at + 8, packet.length, little);
    view.setUint32(at + 12, packet.length, little);
    new Uint8Array(view.buffer).set(packet, at + 16);
    at += 16 + packet.length;
  }
  return new Uint8Array(view.buffer);
};

/** An Ethernet frame with a trace of ids and interfaces, in which these nodes wrote. */
const traced = (hops: readonly IoamHop[], overflow = false, size = 24): Uint8Array => {
  const trace = encodeIoamTrace({ namespaceId: 1, traceType: 0xc0_0000, hops, flags: { overflow }, size });
  const option = Uint8Array.of(0x31, trace.length + 2, 0, 0, ...trace);
  return frame({ hopByHop: hopByHop([padding(2), option]) });
};
const hop = (nodeId: number, ingressId = nodeId * 10): IoamHop => ({ nodeId, ingressId, egressId: 1, hopLimit: 64 });
const good = traced([hop(1), hop(2)]);

describe("a capture", () => {
  test.each([
    ["misaligned", "option-misaligned"],
    ["truncated", "option-truncated"],
    ["wrongNodeLength", "node-length-wrong"],
  ])("of packets that nodes drop, %s", (outcome, rule) => {
    const wrong = ruleCases.filter((one) => one.outcome === outcome && one.payloadLength === undefined);
    const packets = [good, ...wrong.map((one) => frame({ hopByHop: one.hopByHop }))];
    const report = examineCapture(pcap({ packets }));
    expect(report).toMatchObject({ packets: packets.length, traces: packets.length, stopped: null, ok: false });
    expect(report.findings).toMatchObject([{ rule, node: "db01::1 > db02::2", packets: wrong.length, first: 2 }]);
  });

  test("of full traces names the last node that found room, and the size that is enough", () => {
    const packets = [traced([hop(1), hop(2), hop(3)], true), traced([hop(1), hop(2), hop(3)], true)];
    const { findings } = examineCapture(pcap({ packets }));
    expect(findings).toMatchObject([{ rule: "overflow", node: "node 3", packets: 2, first: 1 }]);
    expect(findings[0]?.message).toContain("3 entries take 24, and each node more 8");
    expect(findings[0]?.remedy).toContain("ask for size 32");
  });

  test("of traces that nobody wrote into, or one node twice", () => {
    expect(examineCapture(pcap({ packets: [traced([])] })).findings).toMatchObject([{ rule: "not-filled" }]);
    expect(examineCapture(pcap({ packets: [traced([hop(1), hop(2), hop(2)])] })).findings).toMatchObject([
      { rule: "filled-twice", node: "node 2" },
    ]);
    expect(examineCapture(pcap({ packets: [traced([hop(1), hop(2), hop(2, 9)])] })).ok).toBe(true);
  });

  test("of flags that nobody acts on: a note, and nothing wrong", () => {
    const bytes = Uint8Array.from(good);
    // Behind Ethernet, IPv6, the Hop-by-Hop header's padding, the option and the namespace: both flags.
    bytes[14 + 40 + 4 + 4 + 2]! |= 3;
    const report = examineCapture(pcap({ packets: [good, bytes] }));
    expect(report).toMatchObject({
      ok: true,
      findings: [{ rule: "flags-ignored", packets: 1, first: 2, remedy: null }],
    });
    expect(report.findings[0]?.message).toContain(
      "loopback (L): copies back to the source and active (A): no delivery",
    );
  });

  const tagged = Uint8Array.of(...good.subarray(0, 12), 0x81, 0, 0, 7, ...good.subarray(12));
  const cooked = Uint8Array.of(...new Uint8Array(14), 0x86, 0xdd, ...good.subarray(14));
  const cooked2 = Uint8Array.of(0x86, 0xdd, ...new Uint8Array(18), ...good.subarray(14));
  test.each<[string, File]>([
    ["big-endian", { packets: [good], little: false }],
    ["of VLANs", { packets: [tagged] }],
    ["of all interfaces", { packets: [cooked], linkType: 113 }],
    ["of all interfaces, as newer ones are", { packets: [cooked2], linkType: 276 }],
    ["without link-layer headers", { packets: [good.subarray(14)], linkType: LinkType.Raw }],
  ])("%s is read", (_, file) => {
    expect(examineCapture(pcap(file))).toMatchObject({ packets: 1, traces: 1, ok: true });
  });

  test("in pcapng, as text2pcap writes it, is read", () => {
    const path = join(mkdtempSync(join(tmpdir(), "hopmark-doctor-")), "capture.pcapng");
    const dump = [...good].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    execFileSync("text2pcap", ["-q", "-n", "-", path], {
      input: `0000 ${dump}\n`,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const report = examineCapture(readFileSync(path));
    rmSync(dirname(path), { recursive: true });
    expect(report).toMatchObject({ packets: 1, traces: 1, stopped: null, ok: true });
  });

  test("that is cut off is examined as far as it goes", () => {
    const whole = pcap({ packets: [good, good] });
    const report = examineCapture(whole.subarray(0, whole.length - 1));
    expect(report).toMatchObject({ packets: 1, traces: 1, ok: false });
    expect(report.stopped).toContain("the last packet is not whole");
    for (let length = 0; length < whole.length; length++) examineCapture(whole.subarray(0, length));
  });
});
