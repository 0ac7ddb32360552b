import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BlockType, OptionCode } from "./block.ts";
import { encodeOptions, optionTexts } from "./options.ts";
import { packetTimeNs, PcapngReader } from "./reader.ts";
import { PcapngWriter } from "./writer.ts";

interface Seen {
  readonly sections: string[][];
  readonly interfaces: number[];
  readonly packets: { id: number; timeNs: bigint; data: number[]; original: number; comments: string[] }[];
  readonly statistics: number[];
  readonly end: string | null;
}

/** Everything that a reader hands out, with the file in chunks of this size. */
const readAll = (file: Uint8Array, chunk = file.length): Seen => {
  const seen = { sections: [], interfaces: [], packets: [], statistics: [] } as Omit<Seen, "end">;
  const reader = new PcapngReader({
    section: ({ view, from, to, little }) =>
      seen.sections.push(optionTexts(view, from, to, little, OptionCode.SectionApplication)),
    interface: ({ linkType }) => seen.interfaces.push(linkType),
    packet: (packet) => {
      const { bytes, offset, captured, original, options } = packet;
      const { view, from, to, little } = options;
      seen.packets.push({
        id: packet.interface.id,
        timeNs: packetTimeNs(packet),
        data: [...bytes.subarray(offset, offset + captured)],
        original,
        comments: optionTexts(view, from, to, little, OptionCode.Comment),
      });
    },
    statistics: (id) => seen.statistics.push(id),
  });
  for (let at = 0; at < file.length; at += chunk) reader.push(file.subarray(at, at + chunk));
  return { ...seen, end: reader.end() };
};

const TIME = 1_763_704_833_123_456_789n;
const comment = (text: string): Uint8Array => encodeOptions([[OptionCode.Comment, { text }]]);

const written = (): Uint8Array => {
  const writer = new PcapngWriter(64);
  writer.section([[OptionCode.SectionApplication, { text: "test 1.0" }]]);
  const id = writer.interface(229, 512, [[OptionCode.InterfaceName, { text: "eth0" }]]);
  [[1], [1, 2, 3, 4], [1, 2, 3, 4, 5]].forEach((data, index) => {
    const time = TIME + BigInt(index);
    const options = index === 1 ? comment("the second") : undefined;
    const at = writer.packet(id, Number(time >> 32n), Number(time & 0xffff_ffffn), data.length, 100, options);
    writer.bytes.set(data, at);
  });
  writer.statistics(id, { high: 0, low: 1 }, [[OptionCode.StatisticsDropped, { u64: 5n }]]);
  return writer.take().slice();
};

const expected: Seen = {
  sections: [["test 1.0"]],
  interfaces: [229],
  packets: [
    { id: 0, timeNs: TIME, data: [1], original: 100, comments: [] },
    { id: 0, timeNs: TIME + 1n, data: [1, 2, 3, 4], original: 100, comments: ["the second"] },
    { id: 0, timeNs: TIME + 2n, data: [1, 2, 3, 4, 5], original: 100, comments: [] },
  ],
  statistics: [0],
  end: null,
};

test.each([1, 7, 64, 1 << 20])("what is written is read, in chunks of %i bytes", (chunk) => {
  expect(readAll(written(), chunk)).toEqual(expected);
});

test("a file that is cut anywhere gives what is whole in it, and says so", () => {
  const file = written();
  const ends = new Set<number>();
  for (let at = 0; at < file.length; at += new DataView(file.buffer).getUint32(at + 4, true)) ends.add(at);
  for (let length = 0; length < file.length; length++) {
    const { packets, end } = readAll(file.subarray(0, length));
    expect(packets).toEqual(expected.packets.slice(0, packets.length));
    expect(end).toEqual(ends.has(length) ? null : `cut at byte ${length}: the last block is not whole`);
  }
});

test("any bytes: never thrown, and what was before them is kept", () => {
  const file = written();
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(file.length), (noise, at) => {
      const mutated = file.slice();
      mutated.set(noise.subarray(0, file.length - at), at);
      readAll(mutated);
      expect(readAll(Uint8Array.of(...file, ...noise)).packets.slice(0, 3)).toEqual(expected.packets);
    }),
  );
});

describe("what others write", () => {
  const block = (type: number, body: Uint8Array, little: boolean): Uint8Array => {
    const bytes = new Uint8Array(body.length + 12);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, type, little);
    view.setUint32(4, bytes.length, little);
    bytes.set(body, 8);
    view.setUint32(bytes.length - 4, bytes.length, little);
    return bytes;
  };
  const words = (little: boolean, ...values: number[]): Uint8Array => {
    const view = new DataView(new ArrayBuffer(values.length * 4));
    values.forEach((value, index) => view.setUint32(index * 4, value, little));
    return new Uint8Array(view.buffer);
  };
  const section = (little: boolean): Uint8Array =>
    block(BlockType.Section, words(little, 0x1a2b_3c4d, little ? 1 : 0x1_0000, 0xffff_ffff, 0xffff_ffff), little);
  const interfaceOf = (little: boolean): Uint8Array =>
    block(BlockType.Interface, words(little, little ? 1 : 0x1_0000, 60), little);
  const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

  test.each([true, false])("microseconds by default, little-endian: %s", (little) => {
    const packet = block(BlockType.Packet, words(little, 0, 1, 2, 4, 90, 0xaabb_ccdd), little);
    const [seen] = readAll(join(section(little), interfaceOf(little), packet)).packets;
    expect(seen).toMatchObject({ timeNs: (2n ** 32n + 2n) * 1000n, original: 90 });
    expect(seen?.data).toHaveLength(4);
  });

  test("simple packets, and blocks that nobody knows", () => {
    const simple = block(BlockType.SimplePacket, words(true, 100, ...Array.from({ length: 15 }, () => 7)), true);
    const unknown = block(0x0bad, words(true, 1, 2, 3), true);
    const { packets, end } = readAll(join(section(true), interfaceOf(true), unknown, simple));
    expect({ end, length: packets[0]?.data.length }).toEqual({ end: null, length: 60 });
  });

  test("sections one after the other have interfaces of their own", () => {
    const packet = block(BlockType.Packet, words(true, 0, 0, 1, 0, 0), true);
    const { packets, end } = readAll(join(written(), section(true), packet));
    expect(packets).toHaveLength(3);
    expect(end).toMatch(/from byte \d+ on: a packet of interface 0, which nothing describes/);
  });

  test.each([
    ["no section", words(true, 1, 12, 12), /no section starts here/],
    ["a length that cannot be", join(section(true), words(true, 6, 13, 13)), /cannot be 13 bytes long/],
    ["lengths that differ", join(section(true), words(true, 9, 12, 16)), /another at its end/],
    ["a packet past its block", join(section(true), interfaceOf(true), block(BlockType.Packet, words(true, 0, 0, 0, 9, 9), true)), /longer than its block/], // prettier-ignore
  ])("%s is refused", (_, file, reason) => {
    expect(readAll(file).end).toMatch(reason);
  });
});

test("an option that does not fit is refused", () => {
  expect(() => comment("x".repeat(65_536))).toThrow(/65536 bytes/);
});
