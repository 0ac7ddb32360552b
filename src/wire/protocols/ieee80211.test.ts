/** Outer headers of 802.11 are as long as their frames' kind says; tshark reads the same addresses. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fromHex, toHex } from "../hex.ts";
import { LinkType } from "../numbers.ts";
import { decodePacket } from "../packet/decode.ts";
import { encodePacket } from "../packet/encode.ts";
import { formatPacket } from "../packet/format.ts";

const RECEIVER = "02:00:00:00:00:01";
const TRANSMITTER = "02:00:00:00:00:02";
const [to, from] = [RECEIVER, TRANSMITTER].map((address) => address.replaceAll(":", ""));

/** What a frame begins with, and what its line says. */
const frames: readonly (readonly [name: string, hex: string, bytes: number, line: string])[] = [
  ["acknowledgement", `d4000000${to}`, 10, `Acknowledgment RA:${RECEIVER} `],
  ["clear to send", `c4003000${to}`, 10, `Clear-To-Send RA:${RECEIVER} `],
  ["request to send", `b4003000${to}${from}`, 16, `Request-To-Send TA:${TRANSMITTER} `],
  ["block ack", `94000000${to}${from}0500`, 16, `BA RA:${RECEIVER} `],
  [
    "data",
    `08013000${to}${from}0200000000031000`,
    24,
    `802.11 data, subtype 0, ${TRANSMITTER} > ${RECEIVER}, length 24`,
  ],
];

test.each(frames)("%s", (_, hex, headerBytes, line) => {
  const bytes = fromHex(hex);
  const packet = decodePacket(bytes, { linkType: LinkType.Ieee80211 });
  expect(packet.layers[0]).toMatchObject({ protocol: "802.11", offset: 0, length: headerBytes });
  expect(packet.truncated).toBeNull();
  expect(formatPacket(packet)).toBe(line);
  expect(toHex(encodePacket(packet.layers))).toBe(toHex(bytes));
  // Behind radiotap's eight bytes it is the same.
  const radio = fromHex(`0000080000000000${hex}`);
  expect(decodePacket(radio, { linkType: LinkType.Radiotap }).layers[1]).toMatchObject({
    offset: 8,
    length: headerBytes,
  });
  const cut = bytes.slice(0, headerBytes - 1);
  expect(decodePacket(cut, { linkType: LinkType.Ieee80211 }).truncated).toBe("802.11");
});

test("tshark finds the same", () => {
  const folder = mkdtempSync(join(tmpdir(), "hopmark-80211-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "frames.pcap");
  writeFileSync(file, pcapOf(frames.map(([, hex]) => fromHex(hex))));
  const shown = execFileSync(
    "tshark",
    ["-r", file, "-T", "fields", ...["wlan.fc.type_subtype", "wlan.ra", "wlan.ta"].flatMap((name) => ["-e", name])],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  const ours = frames.map(([, hex]) => {
    const [layer] = decodePacket(fromHex(hex), { linkType: LinkType.Ieee80211 }).layers;
    if (layer?.protocol !== "802.11") throw new Error("another protocol");
    const { type, subtype, receiver, transmitter = "" } = layer.header;
    return `0x${(type * 16 + subtype).toString(16).padStart(4, "0")}\t${receiver}\t${transmitter}`;
  });
  expect(shown.trimEnd().split("\n")).toEqual(ours);
});

/** A capture of 802.11 frames. */
const pcapOf = (packets: readonly Uint8Array[]): Buffer => {
  const start = Buffer.from(Uint32Array.of(0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, LinkType.Ieee80211).buffer);
  const records = packets.flatMap((bytes) => [
    Buffer.from(Uint32Array.of(1, 0, bytes.length, bytes.length).buffer),
    bytes,
  ]);
  return Buffer.concat([start, ...records]);
};
