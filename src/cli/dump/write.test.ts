import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { captures } from "../../../tests/golden/captures/all.ts";
import { frame, four, payload, tcp, udp } from "../../../tests/golden/captures/build.ts";
import { pcapFile } from "../../../tests/golden/pcap.ts";
import { fieldsInFile } from "../../../tests/golden/tools.ts";
import { openCapture } from "../../follow/capture/open-capture.ts";
import { OptionCode } from "../../wire/pcapng/block.ts";
import { encodeOptions } from "../../wire/pcapng/options.ts";
import { PcapngWriter } from "../../wire/pcapng/writer.ts";
import { dump } from "../commands/dump.ts";
import { Output } from "../framework/output.ts";
import { parseInput } from "../framework/parse-input.ts";

const folder = mkdtempSync(join(tmpdir(), "hopmark-dump-write-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

const run = async (...words: readonly string[]) => {
  const streamOf = () => {
    const stream = { text: "", write: (data: string | Uint8Array) => ((stream.text += Buffer.from(data).toString()), true) }; // prettier-ignore
    return stream;
  };
  const [stdout, stderr] = [streamOf(), streamOf()];
  const output = new Output({ json: false, stdout, stderr, environment: {} });
  const context = { output, signal: new AbortController().signal, needRights: () => Promise.resolve() };
  const status: unknown = await dump.execute(parseInput(dump, words), context).catch((error: unknown) => error);
  return { status, stdout: stdout.text };
};

const marked = captures.find(({ name }) => name === "marks")!.packets;
const packets = [...marked, frame(four, udp(), payload(4)), frame(four, tcp("S", 7, 0))];

/** Directions, nanoseconds and losses, as a live capture has them. */
const source = at("source.pcapng");
const writer = new PcapngWriter();
writer.section([]);
writer.interface(1, 256, [[OptionCode.InterfaceName, { text: "eth7" }]]);
packets.forEach((bytes, index) => {
  const time = 1_763_673_600_123_456_789n + BigInt(index) * 4_000_000_001n;
  const options = encodeOptions([[OptionCode.PacketFlags, { u32: (index % 2) + 1 }]]);
  const place = writer.packet(0, Number(time >> 32n), Number(time & 0xffff_ffffn), bytes.length, 1000 + index, options);
  writer.bytes.set(bytes, place);
});
writer.statistics(0, { high: 0, low: 0 }, [[OptionCode.StatisticsDropped, { u64: 3n }]]);
writeFileSync(source, writer.take());

const readAll = async (path: string) => {
  using capture = await openCapture(path);
  const seen = [];
  for await (const { packet, ...frameOf } of capture.packets()) {
    seen.push({ ...frameOf, bytes: Buffer.from(packet.bytes), length: packet.wireLength });
  }
  return { seen, counts: capture.counts(), remark: capture.remark() };
};

test("pcapng keeps interface, direction, nanoseconds, lengths and what was lost, and says which mark a packet has", async () => {
  expect(await run("-r", source, "-w", at("copy.pcapng"))).toEqual({ status: 0, stdout: "" });
  expect(await readAll(at("copy.pcapng"))).toEqual(await readAll(source));
  const bytes = readFileSync(at("copy.pcapng"));
  // epb_packetid of the first packet: CPU 0, sequence number 46.
  expect(bytes.includes(Buffer.from([5, 0, 8, 0, 46, 0, 0, 0, 0, 0, 0, 0]))).toBe(true);
});

test("what a packet's id says of its mark is read back where its bytes are cut", async () => {
  const marksOf = async (path: string) => {
    using capture = await openCapture(path, { marks: true });
    const seen = [];
    for await (const { count, marks } of capture.batches()) {
      for (let n = 0; n < count; n++) {
        seen.push(marks?.present[n] === 1 && [marks.cpu[n], marks.seqLow[n], marks.seqHigh[n]]);
      }
    }
    return seen;
  };
  const whole = await marksOf(source);
  expect(whole.filter((mark) => mark !== false).length).toBeGreaterThanOrEqual(marked.length);
  await run("-r", source, "-w", at("short.pcapng"), "-s", "20");
  expect(await marksOf(at("short.pcapng"))).toEqual(whole);
  // Another program's ids are no marks.
  const others = readFileSync(at("short.pcapng"));
  others.write("elsewhere", others.indexOf("hopmark "));
  writeFileSync(at("others.pcapng"), others);
  expect(await marksOf(at("others.pcapng"))).toEqual(whole.map(() => false));
});

test("tshark opens it without complaint", async () => {
  await run("-r", source, "-w", at("judged.pcapng"));
  const { stderr, status } = spawnSync("tshark", ["-r", at("judged.pcapng")], { encoding: "utf8" });
  expect({ status, complaints: stderr.split("\n").filter((line) => line !== "" && !line.startsWith("Running as")) }).toEqual({ status: 0, complaints: [] }); // prettier-ignore
  const names = ["frame.interface_name", "frame.packet_flags_direction", "frame.time_epoch", "frame.len"];
  expect(fieldsInFile(at("judged.pcapng"), names).map((fields) => Object.values(fields).join(" "))).toEqual(
    packets.map((_, index) => {
      const ns = 1_763_673_600_123_456_789n + BigInt(index) * 4_000_000_001n;
      const direction = `0x${String((index % 2) + 1).padStart(8, "0")}`;
      return `eth7 ${direction} ${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, "0")} ${1000 + index}`;
    }),
  );
});

test("pcap, where the name ends so: nanoseconds where the capture has them; tcpdump reads it", async () => {
  await run("-r", source, "-w", at("copy.pcap"), "-s", "60");
  const { stdout } = spawnSync("tcpdump", ["-n", "-tt", "--nano", "-r", at("copy.pcap")], { encoding: "utf8" });
  expect(stdout.split("\n")[0]).toMatch(/^1763673600\.123456789 IP 10\.0\.0\.2 > 10\.0\.0\.3: ICMP echo request/);
  const { seen } = await readAll(at("copy.pcap"));
  expect(seen.map(({ bytes }) => bytes.length)).toEqual(packets.map(({ length }) => Math.min(60, length)));
});

test("a full disk: an error says so", async () => {
  const { status } = await run("-r", source, "-w", "/dev/full");
  expect(status).toMatchObject({ code: "recording", message: expect.stringContaining("no space left") as string });
});

describe("filters", () => {
  const path = at("all.pcap");
  writeFileSync(path, pcapFile(captures.flatMap((one) => ((one.linkType ?? 1) === 1 ? one.packets : []))));

  test.each([
    ["tcp"],
    ["udp port 40002"],
    ["ip6 and not tcp"],
    ["icmp[icmptype] == icmp-echo"],
    ["tcp[tcpflags] & (tcp-syn|tcp-fin) != 0"],
    ["vlan 5"],
    ["host 10.0.0.2 and greater 60"],
    ["ether[0] & 1 = 0 and ip[2:2] - ((ip[0] & 0xf) << 2) > 20"],
    ["arp or portrange 5000-6000"],
  ])("%s: the same packets as tcpdump's", async (expression) => {
    const { stdout } = await run("-#ntSr", path, ...expression.split(" "));
    const judge = spawnSync("tcpdump", ["-n", "-t", "-#", "-r", path, expression], { encoding: "latin1" }).stdout;
    const count = (text: string, start: RegExp): number => text.split("\n").filter((line) => start.test(line)).length;
    expect(count(stdout, /^ *\d+ {2}\S/)).toBe(count(judge, /^ *\d+ {2}\S/));
  });

  test("a wrong one is refused, with libpcap's words", async () => {
    const { status, stdout } = await run("-r", path, "tcp", "prot", "80");
    expect(stdout).toBe("");
    expect(status).toMatchObject({ code: "config", message: expect.stringMatching(/^the filter "tcp prot 80" is wrong: .*syntax error/) as string }); // prettier-ignore
  });
});

test.each([
  [["-r", source, "-w", source], /is the capture that is read/],
  [["-r", source, "-w", "/nosuch/x"], /cannot write \/nosuch\/x: there is no such folder/],
])("refused: %j", async (words, message) => {
  expect(String((await run(...words)).status)).toMatch(message);
});
