/** Packets gone wrong: whatever their bytes, they decode, encode to themselves, become JSON and print, in every way there is. */
import { describe, expect, test } from "vitest";
import type { CaptureInterface } from "../../src/follow/capture/capture.ts";
import { parserFor } from "../../src/follow/capture/file-parser.ts";
import { PacketLines, type LineOptions } from "../../src/follow/capture/packet-lines.ts";
import { decodePacket, encodePacket, FOU_IP, layersFromJson, LinkType, packetToJson, toHex } from "../../src/wire/index.ts"; // prettier-ignore
import { LineWriter } from "../../src/wire/line/line-writer.ts";
import { Random } from "../fuzz/random.ts";
import { captures, flagSets } from "./captures/all.ts";
import { pcapFile } from "./pcap.ts";

/** Of each capture with each of the flag sets: some 8,000 in all; HOPMARK_SEED says which. */
const MUTANTS = 6;
const fou = new Map([
  [40002, FOU_IP],
  [5201, 47],
]);
const linkTypes = [...Object.values(LinkType), 9999];
const seed = Number(process.env["HOPMARK_SEED"] ?? 0xbeef);

/** Cut, or with a few bytes changed, or with one run doubled: most of it still means something. */
const mutate = (random: Random, bytes: Uint8Array): Uint8Array => {
  const copy = bytes.slice(0, random.chance(0.3) ? random.below(bytes.length + 1) : bytes.length);
  for (let changes = random.below(5); changes > 0 && copy.length > 0; changes--) {
    copy[random.below(copy.length)] = random.pick([0, 1, 0xff, random.below(256)]);
  }
  if (!random.chance(0.1)) return copy;
  const at = random.below(copy.length + 1);
  return Uint8Array.from([...copy.subarray(0, at), ...copy.subarray(Math.max(0, at - random.below(30)))]);
};

const encodesToItself = (bytes: Uint8Array, linkType: number): void => {
  const packet = decodePacket(bytes, { linkType, fou });
  let at = 0;
  for (const { offset, length } of packet.layers) {
    if (offset !== at) throw new Error(`a layer starts at ${offset}, and the one before ends at ${at}`);
    at += length;
  }
  if (at !== bytes.length) throw new Error(`the layers end at ${at}`);
  const json = JSON.parse(JSON.stringify(packetToJson(packet))) as ReturnType<typeof packetToJson>;
  const encoded = encodePacket(layersFromJson(json));
  if (Buffer.compare(encoded, bytes) !== 0) expect(toHex(encoded)).toBe(toHex(bytes));
};

interface Lines {
  readonly writer: LineWriter;
  readonly interfaces: CaptureInterface[];
  readonly lines: PacketLines;
}
const printers = new Map<LineOptions, Lines>();

/** What prints with these options: made once, as its tables are large. */
const linesOf = (options: LineOptions, given: readonly CaptureInterface[]): PacketLines => {
  let known = printers.get(options);
  if (known === undefined) {
    const writer = new LineWriter();
    const interfaces: CaptureInterface[] = [];
    known = { writer, interfaces, lines: new PacketLines(writer, interfaces, { ...options, fou }) };
    printers.set(options, known);
  }
  known.writer.take();
  known.interfaces.splice(0, Infinity, ...given);
  return known.lines;
};

/** Prints them in one go; which one failed is what one wants to know. */
const print = (packets: readonly Uint8Array[], linkType: number, snapLength: number, options: LineOptions): void => {
  const file = pcapFile(packets, { linkType, snapLength });
  const parser = parserFor(file)!;
  parser.push(file);
  const { columns } = parser;
  const lines = linesOf(options, parser.interfaces);
  for (let n = 0; n < columns.count; n++)
    naming(packets[n]!, linkType, () => {
      lines.add(columns, n);
    });
};

const naming = (bytes: Uint8Array, linkType: number, check: () => void): void => {
  try {
    check();
  } catch (error) {
    throw new Error(`link type ${linkType}, ${toHex(bytes)} (HOPMARK_SEED=${seed}): ${String(error)}`, {
      cause: error,
    });
  }
};

/** Each packet with one of the flag sets; some of them cut, some as if of another link type. */
const check = (random: Random, linkType: number, make: () => Uint8Array): void => {
  for (const [, options] of flagSets) {
    const packets = Array.from({ length: MUTANTS }, make);
    for (const bytes of packets) naming(bytes, linkType, () => encodesToItself(bytes, linkType));
    const ways = [[linkType, 0x40000], [linkType, random.below(120)], [random.pick(linkTypes), 0x40000]] as const; // prettier-ignore
    const third = Math.ceil(MUTANTS / 3);
    ways.forEach(([type, snapLength], way) =>
      print(packets.slice(way * third, (way + 1) * third), type, snapLength, options),
    );
  }
};

describe("any bytes", () => {
  test.each(captures.map((capture, index) => ({ ...capture, index })))(
    "like $name",
    ({ packets, index, linkType = LinkType.Ethernet }) => {
      const random = new Random(seed, index);
      check(random, linkType, () => mutate(random, random.pick(packets)));
    },
  );

  test.each(linkTypes)("noise of link type %d", (linkType) => {
    const random = new Random(seed, linkType);
    check(random, linkType, () => random.bytes(random.below(200)));
  });
});
