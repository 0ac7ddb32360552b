import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { goldenPackets } from "../../../tests/golden/packets.ts";
import { pcapFile, type PcapOptions } from "../../../tests/golden/pcap.ts";
import { encodePacket } from "../../wire/packet/encode.ts";
import { OptionCode } from "../../wire/pcapng/block.ts";
import { encodeOptions } from "../../wire/pcapng/options.ts";
import { PcapngWriter } from "../../wire/pcapng/writer.ts";
import type { BatchColumns } from "./batch-columns.ts";
import { parserFor } from "./file-parser.ts";
import { openCapture } from "./open-capture.ts";

const folder = mkdtempSync(join(tmpdir(), "hopmark-capture-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const fileOf = (bytes: Uint8Array): string => {
  const path = join(folder, `${files++}`);
  writeFileSync(path, bytes);
  return path;
};

const golden = goldenPackets.map(({ layers }) => encodePacket(layers));

interface Seen {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly time: string;
  readonly interface: number;
  readonly direction: number;
}

/** All packets of a file by its batches, and what was wrong. */
const readAll = async (path: string) => {
  using capture = await openCapture(path);
  const packets: Seen[] = [];
  for await (const { count, bytes, offset, captured, length, seconds, nanoseconds, ...rest } of capture.batches()) {
    for (let n = 0; n < count; n++) {
      packets.push({
        bytes: bytes.slice(offset[n], offset[n]! + captured[n]!),
        length: length[n]!,
        time: `${seconds[n]}.${String(nanoseconds[n]).padStart(9, "0")}`,
        interface: rest.interfaceId[n]!,
        direction: rest.direction[n]!,
      });
    }
  }
  return { packets, interfaces: [...capture.interfaces], counts: capture.counts(), remark: capture.remark() };
};

describe("pcap", () => {
  test.each<[string, PcapOptions, string, bigint]>([
    ["little-endian", {}, "1700000000.000001000", 1_000_000n],
    ["big-endian", { little: false }, "1700000000.000001000", 1_000_000n],
    ["nanoseconds", { nanoseconds: true }, "1700000000.000000001", 1_000_000_000n],
    ["late", { nanoseconds: true, time: () => [4_294_967_295, 999_999_999] }, "4294967295.999999999", 1_000_000_000n],
  ])("%s", async (_name, options, time, unitsPerSecond) => {
    const { packets, interfaces, counts, remark } = await readAll(fileOf(pcapFile(golden, options)));
    expect(packets.map(({ bytes }) => bytes)).toEqual(golden);
    expect(packets[1]).toMatchObject({ time, length: golden[1]!.length, interface: 0, direction: 0 });
    expect(interfaces).toEqual([
      { id: 0, name: null, description: null, linkType: 1, snapLength: 0x40000, unitsPerSecond },
    ]);
    expect({ counts, remark }).toEqual({ counts: { read: golden.length, lost: null, produced: null }, remark: null });
  });

  test("of a snapped packet, what was captured and how long it was", async () => {
    const { packets } = await readAll(fileOf(pcapFile(golden, { snapLength: 20 })));
    expect(packets[0]).toMatchObject({ bytes: golden[0]!.slice(0, 20), length: golden[0]!.length });
  });
});

/** Two interfaces; directions, drops and statistics. */
const pcapng = (): Uint8Array => {
  const writer = new PcapngWriter();
  writer.section([]);
  writer.interface(1, 256, [[OptionCode.InterfaceName, { text: "eth0" }]]);
  writer.interface(101, 0, [[OptionCode.InterfaceDescription, { text: "tunnel" }]]);
  const time = 1_763_673_600_123_456_789n;
  golden.forEach((bytes, index) => {
    const options = encodeOptions([
      [OptionCode.PacketFlags, { u32: index % 3 }],
      [OptionCode.PacketDropCount, { u64: BigInt(index === 5 ? 7 : 0) }],
    ]);
    const at = writer.packet(0, Number(time >> 32n), Number(time & 0xffff_ffffn), bytes.length, 2000, options);
    writer.bytes.set(bytes, at);
  });
  const at = writer.packet(1, 0, 5, 0, 0);
  writer.bytes.set([], at);
  writer.statistics(0, { high: 0, low: 0 }, [[OptionCode.StatisticsDropped, { u64: 9n }]]);
  writer.statistics(1, { high: 0, low: 0 }, [[OptionCode.StatisticsDropped, { u64: 2n }]]);
  return writer.take().slice();
};

describe("pcapng", () => {
  test("packets with time, direction and interface; what was lost", async () => {
    const { packets, interfaces, counts, remark } = await readAll(fileOf(pcapng()));
    expect(packets.slice(0, -1).map(({ bytes }) => bytes)).toEqual(golden);
    expect(packets.slice(0, 4)).toMatchObject(
      [0, 1, 2, 0].map((direction) => ({ direction, time: "1763673600.123456789", length: 2000, interface: 0 })),
    );
    expect(packets.at(-1)).toMatchObject({ interface: 1, time: "0.000000005", bytes: new Uint8Array(0) });
    expect(interfaces).toMatchObject([
      { id: 0, name: "eth0", description: null, linkType: 1, snapLength: 256, unitsPerSecond: 1_000_000_000n },
      { id: 1, name: null, description: "tunnel", linkType: 101, snapLength: 0 },
    ]);
    const read = golden.length + 1;
    expect({ counts, remark }).toEqual({ counts: { read, lost: 11, produced: read + 11 }, remark: null });
  });

  test("sections one after the other number their interfaces anew, the capture goes on", async () => {
    const file = pcapng();
    const { packets, interfaces, counts } = await readAll(fileOf(Uint8Array.of(...file, ...file)));
    expect(interfaces.map(({ id }) => id)).toEqual([0, 1, 2, 3]);
    expect([...new Set(packets.map((packet) => packet.interface))]).toEqual([0, 1, 2, 3]);
    expect(counts).toMatchObject({ read: 2 * (golden.length + 1), lost: 22 });
  });

  test.each([
    [6, 1_000_000n],
    [9, 1_000_000_000n],
    [0x80 | 20, 1n << 20n],
    [10, 10n ** 10n],
    [0, 1n],
  ])("time resolution %d", async (exponent, unitsPerSecond) => {
    const writer = new PcapngWriter();
    writer.section([]);
    // The later option counts.
    writer.interface(1, 0, [
      [OptionCode.InterfaceTimeResolution, { u8: exponent }],
      [OptionCode.InterfaceTimeOffset, { u64: 1_000_000_000n }],
    ]);
    const times = [763_673_600n, 763_673_601n, 4_294_967n].map(
      (seconds) => seconds * unitsPerSecond + unitsPerSecond / 4n,
    );
    for (const time of times) writer.packet(0, Number(time >> 32n), Number(time & 0xffff_ffffn), 0, 0);
    const { packets } = await readAll(fileOf(writer.take()));
    const quarter = exponent === 0 ? "000000000" : "250000000";
    expect(packets.map(({ time }) => time)).toEqual(
      ["1763673600", "1763673601", "1004294967"].map((seconds) => `${seconds}.${quarter}`),
    );
  });
});

describe("files gone wrong", () => {
  const whole = [pcapFile(golden), pcapng()];

  test.each(whole.map((file, index) => [index === 0 ? "pcap" : "pcapng", file] as const))(
    "%s, cut anywhere: what is whole is read, and a remark says where it ends",
    async (_name, file) => {
      const all = (await readAll(fileOf(file))).packets;
      for (const length of [8, 23, 40, 200, 1000, file.length - 1]) {
        const { packets, remark } = await readAll(fileOf(file.subarray(0, length)));
        expect(remark).toMatch(
          new RegExp(`cut at byte ${length}: .* is not whole; ${packets.length} packets? (?:is|are) read`),
        );
        expect(packets).toEqual(all.slice(0, packets.length));
        if (length >= 1000) expect(packets.length).toBeGreaterThan(0);
      }
    },
  );

  test("any chunks give the same, and any damage is survived", () => {
    const parse = (file: Uint8Array, size: number) => {
      const parser = parserFor(file);
      if (parser === undefined) return null;
      const seen: string[] = [];
      const take = ({ count, bytes, offset, captured, interfaceId }: BatchColumns): void => {
        for (let n = 0; n < count; n++) {
          const packet = bytes.subarray(offset[n], offset[n]! + captured[n]!);
          seen.push(`${interfaceId[n]} ${packet.length} ${packet[0]} ${packet.at(-1)}`);
        }
      };
      for (let at = 0; at < file.length; at += size) {
        parser.columns.clear();
        const goesOn = parser.push(file.subarray(at, at + size));
        take(parser.columns);
        if (!goesOn) break;
      }
      return { seen, wrong: parser.end(), lost: parser.lost(), interfaces: parser.interfaces };
    };
    const damage = fc.array(fc.tuple(fc.nat(whole[1]!.length), fc.nat(255)), { maxLength: 5 });
    fc.assert(
      fc.property(fc.constantFrom(...whole), damage, fc.integer({ min: 1, max: 999 }), (file, changes, size) => {
        const damaged = file.slice();
        for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
        expect(parse(damaged, size)).toEqual(parse(damaged, damaged.length));
      }),
      { numRuns: 300 },
    );
  });
});

test("more packets in a chunk than a batch has room for at first", async () => {
  const count = 60_000;
  const { packets } = await readAll(fileOf(pcapFile(Array.from({ length: count }, () => new Uint8Array(0)))));
  expect(packets.length).toBe(count);
  expect(packets.at(-1)?.time).toBe("1700000000.059999000");
});

test("marks, behind VLAN tags too; nothing is taken for one that is none", async () => {
  const option = { kind: "pval", reserved: 0, cpu: 3, seq: 2n ** 40n + 46n } as const;
  const marked = (tagged: boolean, other: boolean): Uint8Array =>
    encodePacket([
      { protocol: "ethernet" },
      ...(tagged ? [{ protocol: "vlan" } as const] : []),
      {
        protocol: "ipv4",
        options: other
          ? [{ kind: "single", type: 1 }, { kind: "unknown", type: 7, data: new Uint8Array(5) }, option]
          : [option],
      },
      { protocol: "udp" },
    ]);
  const plain = encodePacket([{ protocol: "ethernet" }, { protocol: "ipv4" }, { protocol: "udp" }]);
  const packets = [
    marked(false, false),
    marked(true, false),
    plain,
    marked(false, true),
    marked(false, false).subarray(0, 45),
  ];
  using capture = await openCapture(fileOf(pcapFile(packets)), { marks: true });
  for await (const { count, marks } of capture.batches()) {
    expect([...marks!.present.subarray(0, count)]).toEqual([1, 1, 0, 1, 0]);
    for (const n of [0, 1, 3]) expect([marks!.cpu[n], marks!.seqHigh[n], marks!.seqLow[n]]).toEqual([3, 256, 46]);
  }
  expect(capture.counts().read).toBe(5);
});

test("packets as objects stay as they are", async () => {
  using capture = await openCapture(fileOf(pcapng()));
  const frames = [];
  for await (const frame of capture.packets()) frames.push(frame);
  expect(frames.slice(0, -1).map(({ packet }) => encodePacket(packet.layers))).toEqual(golden);
  expect(frames[4]).toMatchObject({ number: 5, seconds: 1_763_673_600, direction: 1, interface: { name: "eth0" } });
  expect(frames.at(-1)).toMatchObject({ interface: { linkType: 101 } });
});

test("a capture that is closed ends, and is closed twice", async () => {
  const capture = await openCapture(fileOf(pcapFile(golden)));
  capture.close();
  capture.close();
  for await (const _batch of capture.batches()) throw new Error("a batch of a closed capture");
});

test.each([
  [() => join(folder, "nosuch"), /cannot read .*nosuch: there is no such file/],
  [() => folder, /it is a folder/],
  [() => fileOf(new Uint8Array(0)), /is no capture: it is empty/],
  [() => fileOf(Uint8Array.of(0xa1, 0xb2)), /is no capture: it ends too early/],
  [() => fileOf(new TextEncoder().encode("hello there")), /is no capture: it starts neither as pcap nor as pcapng/],
])("refused %#", async (path, message) => {
  await expect(openCapture(path())).rejects.toThrow(message);
  await expect(openCapture(path())).rejects.toMatchObject({ code: "config" });
});
