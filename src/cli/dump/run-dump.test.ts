import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { frame, four, echo, payload, six, tcp, udp } from "../../../tests/golden/captures/build.ts";
import { fieldsInFile } from "../../../tests/golden/tools.ts";
import { packetFieldNames } from "../../follow/capture/packet-fields.ts";
import { captures } from "../../../tests/golden/captures/all.ts";
import { pcapFile } from "../../../tests/golden/pcap.ts";
import { encodePacket } from "../../wire/packet/encode.ts";
import { layersFromJson } from "../../wire/packet/from-json.ts";
import { toHex } from "../../wire/hex.ts";
import type { JsonValue } from "../../wire/packet/json.ts";
import type { HopmarkError } from "../../errors.ts";
import { Output } from "../framework/output.ts";
import { parseInput } from "../framework/parse-input.ts";
import { dump } from "../commands/dump.ts";

const folder = mkdtempSync(join(tmpdir(), "hopmark-dump-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

const run = async (words: readonly string[], json = false) => {
  const streamOf = () => {
    const stream = {
      text: "",
      write: (data: string | Uint8Array) => ((stream.text += Buffer.from(data).toString()), true),
    };
    return stream;
  };
  const [stdout, stderr] = [streamOf(), streamOf()];
  const output = new Output({ json, stdout, stderr, environment: {} });
  const context = { output, signal: new AbortController().signal, needRights: () => Promise.resolve() };
  const status: unknown = await dump.execute(parseInput(dump, words), context).catch((error: unknown) => error);
  return { status, stdout: stdout.text, stderr: stderr.text };
};

const packets = [frame(four, echo(8, 1), payload(4)), frame(six, udp(), payload(4)), frame(four, tcp("S", 7, 0))];
const file = at("three.pcap", pcapFile(packets));

test("lines, and what is read beside them", async () => {
  expect(await run(["-ntr", file])).toEqual({
    status: 0,
    stdout:
      "IP 10.0.0.2 > 10.0.0.3: ICMP echo request, id 9, seq 1, length 12\n" +
      "IP6 2001:db8::1.40001 > 2001:db8:0:1::2.40002: UDP, length 4\n" +
      "IP 10.0.0.2.40000 > 10.0.0.3.5201: Flags [S], seq 7, win 502, length 0\n",
    stderr: `reading from file ${file}, link-type Ethernet, snapshot length 262144\n`.replace("file ", ""),
  });
});

test("flags together, counted, and a number of packets", async () => {
  const { stdout } = await run(["-ttt#xxc2", "-r", file]);
  const lines = stdout.split("\n");
  expect(lines[0]).toMatch(/^ {4}1 {3}00:00:00\.000000 IP 10/);
  expect(lines[1]).toBe("\t0x0000:  2efe 7cb0 c773 2efe 7cb0 c772 0800 4500");
  expect(lines.filter((line) => line.startsWith(" "))).toHaveLength(2);
});

test("the sample tool's line", async () => {
  const { stdout } = await run(["--one", "-r", file]);
  expect(stdout.split("\n")).toEqual([
    "1700000000000000000 2e:fe:7c:b0:c7:72 -> 2e:fe:7c:b0:c7:73 Type0800, 10.0.0.2 -> 10.0.0.3",
    "1700000000000001000 2e:fe:7c:b0:c7:72 -> 2e:fe:7c:b0:c7:73 Type86dd",
    "1700000000000002000 2e:fe:7c:b0:c7:72 -> 2e:fe:7c:b0:c7:73 Type0800, 10.0.0.2 -> 10.0.0.3",
    "",
  ]);
});

test("fields are tshark's", async () => {
  const names = packetFieldNames.filter((name) => !/number/.test(name));
  const own = captures.find(({ name }) => name === "a TCP conversation over IPv6")!.packets;
  const others = ["UDP", "ARP", "VLAN tags", "ICMP echo and its reply"].flatMap(
    (name) => captures.find((one) => one.name === name)!.packets,
  );
  const path = at("fields.pcap", pcapFile([...own, ...others]));
  const { stdout } = await run(["--fields", names.join(","), "-r", path]);
  const seen = fieldsInFile(path, names);
  expect(stdout.split("\n").slice(0, -1)).toEqual(seen.map((values) => names.map((name) => values[name]).join("\t")));
});

test("JSON of every golden capture gives back its bytes", async () => {
  for (const [index, { packets: own, linkType = 1, snapLength = 0x40000 }] of captures.entries()) {
    const path = at(`${index}.pcap`, pcapFile(own, { linkType, snapLength }));
    const { stdout } = await run(["-r", path], true);
    const encoded = stdout.trimEnd().split("\n").map((line) => encodePacket(layersFromJson(JSON.parse(line) as JsonValue))); // prettier-ignore
    expect(encoded.map((bytes) => toHex(bytes))).toEqual(own.map((bytes) => toHex(bytes.subarray(0, snapLength))));
  }
});

test("--fou: ports whose packets carry others, and say so nowhere", async () => {
  const inFou = [
    frame(four, udp(40000, 5555), six, udp(), payload(4)),
    frame(four, udp(40000, 5556), { protocol: "gre" }, four, echo(8, 1), payload(4)),
    frame(four, udp(40000, 5557), four, udp(), payload(4)),
    frame(four, udp(40000, 5555), payload(4)),
  ];
  const path = at("fou.pcap", pcapFile(inFou));
  const flags = ["--fou", "5555,5556=gre,5557=ipip", "-tr", path];
  expect((await run(flags)).stdout.split("\n").slice(0, -1)).toEqual([
    "IP 10.0.0.2.40000 > 10.0.0.3.5555: FOU, length 52: IP6 2001:db8::1.40001 > 2001:db8:0:1::2.40002: UDP, length 4",
    "IP 10.0.0.2.40000 > 10.0.0.3.5556: FOU, length 36: GREv0, length 36: IP 10.0.0.2 > 10.0.0.3: ICMP echo request, id 9, seq 1, length 12",
    "IP 10.0.0.2.40000 > 10.0.0.3.5557: FOU, length 32: IP 10.0.0.2.40001 > 10.0.0.3.40002: UDP, length 4",
    "IP 10.0.0.2.40000 > 10.0.0.3.5555: UDP, length 4",
  ]);
  const json = (await run(flags, true)).stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as JsonValue); // prettier-ignore
  expect(json.map((one) => toHex(encodePacket(layersFromJson(one))))).toEqual(inFou.map((bytes) => toHex(bytes)));
  // tshark, told the same, finds the same addresses within.
  const told = ["udp.port==5555,ipv6", "udp.port==5556,gre", "udp.port==5557,ip"].flatMap((rule) => ["-d", rule]);
  // Columns, too: the first of each kind from the outside in.
  const names = ["ip.src", "ipv6.src", "ipv6.hlim", "udp.dstport", "icmp.type"];
  const columns = await run(["--fou", "5555,5556=gre,5557=ipip", "--fields", names.join(","), "-r", path]);
  const first = ["-n", "-r", path, ...told, "-T", "fields", "-E", "occurrence=f", ...names.flatMap((name) => ["-e", name])]; // prettier-ignore
  const lines = columns.stdout.split("\n");
  expect(lines.slice(0, 3)).toEqual(spawnSync("tshark", first, { encoding: "utf8" }).stdout.split("\n").slice(0, 3));
  expect(lines[0]).toBe("10.0.0.2\t2001:db8::1\t64\t5555\t");
  const args = ["-n", "-r", path, ...told, "-T", "fields", "-e", "frame.protocols"];
  expect(spawnSync("tshark", args, { encoding: "utf8" }).stdout.split("\n").slice(0, 3)).toEqual([
    "eth:ethertype:ip:udp:ipv6:udp:data",
    "eth:ethertype:ip:udp:gre:ip:icmp:data",
    "eth:ethertype:ip:udp:ip:udp:data",
  ]);
});

test("a file that is cut: what there is, a remark, and status 1", async () => {
  const cut = at("cut.pcap", pcapFile(packets).subarray(0, -3));
  const { status, stdout, stderr } = await run(["-tr", cut]);
  expect({ status, lines: stdout.trimEnd().split("\n").length }).toEqual({ status: 1, lines: 2 });
  expect(stderr).toMatch(/cut at byte \d+: the last packet is not whole; 2 packets are read/);
});

test("marks with -v, and every entry of a trace with -vv", async () => {
  const all = await Promise.all(["marks", "an IOAM trace"].map(async (name, index) => {
    const own = captures.find((one) => one.name === name)!;
    return (await run(["-tvvr", at(`own-${index}.pcap`, pcapFile(own.packets))])).stdout;
  })); // prettier-ignore
  expect(all[0]).toContain("options (pval cpu 0, seq 46))\n    10.0.0.2 > 10.0.0.3: ICMP echo request");
  expect(all[1]).toBe(
    "IP6 (hlim 64, next-header Options (0) payload length: 60) 2001:db8::1 > 2001:db8:0:1::2: HBH " +
      "(padn)(ioam trace ns 123, type 0xf00000, free 0 words, nodes 1 2) \n" +
      "\tnode 1, in ?, out 11, hop limit 64, time 1763673600.000123\n" +
      "\tnode 2, in 21, out 22, hop limit 63, time 1763673600.000150\n" +
      "    40001 > 40002: [udp sum ok] UDP, length 4\n",
  );
});

test("a direction that no packet is said to have gone is not only silence", async () => {
  expect(await run(["-ntQin", "-r", file])).toMatchObject({
    status: 0,
    stdout: "",
    stderr: expect.stringMatching(
      /\n.*three\.pcap says of no packet that it went in: pcap files never say it/,
    ) as string,
  });
});

test("-l and -U change nothing", async () => expect(await run(["-lUnr", file])).toEqual(await run(["-nr", file])));

test("a file without -r before it is told from a filter", async () => {
  const hintOf = async (word: string) => ((await run([word])).status as HopmarkError).hint;
  expect(await hintOf(file)).toBe(`hopmark dump -r ${file} reads that file`);
  expect(await hintOf("icmp")).toMatch(/^an interface, /);
});

describe("refused", () => {
  test.each([
    [[], /say what to read/],
    [["-r", "/nosuch"], /cannot read \/nosuch: there is no such file/],
    [["-ttttttr", file], /more than five times/],
    [["--ring", "pval0", "-i", "eth0"], /-i and --ring exclude each other/],
    [["--ring", "pval0", "-B", "1024"], /-B is for interfaces, and --ring reads copies/],
    [["--fields", "ip.srk", "-r", file], /there is no field ip.srk/],
    [["--one", "--fields", "ip.src", "-r", file], /--one and --fields exclude each other/],
    [["--fou", "70000", "-r", file], /"70000" is not a port/],
    [["--fou", "5555=esp", "-r", file], /"esp" is not ip or ipip or ipv6 or gre/],
    [["-c0", "-r", file], /"0" is not a number from 1/],
    [["-Qup", "-r", file], /"up" is not in or out or inout/],
  ])("%j", async (words, message) => {
    const { status, stdout } = await run(words);
    expect(stdout).toBe("");
    expect(String(status)).toMatch(message);
  });
});
