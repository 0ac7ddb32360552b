/** Objects as others load them: bpftool, and iproute2, with Debian's libbpf. */
import { readFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { kernelBtf } from "../../../src/bpf/btf/kernel-btf.ts";
import { vethPair, type End } from "../../../src/bpf/fixtures/veth.ts";
import { load } from "../../../src/bpf/instance.ts";
import { compile } from "../../../src/compiler/compile.ts";
import type { CompiledProgram } from "../../../src/compiler/program.ts";
import { Tc, Xdp } from "../../../src/kernel/context.ts";
import type { Program } from "../../../src/kernel/program.ts";
import { encap } from "../../../src/mark/ioam/encap/encap.bpf.ts";
import { sink } from "../../../src/mark/ioam/sink/sink.bpf.ts";
import { device, namespaces, node, rule } from "../../../src/mark/ioam/test-support/nodes.ts";
import { transitEgress, transitIngress } from "../../../src/mark/ioam/transit/transit.bpf.ts";
import { ipv6, mac } from "../../../src/wire/address.ts";
import { fromHex } from "../../../src/wire/hex.ts";
import { traceTypeBit } from "../../../src/wire/ioam/fields.ts";
import { encodePacket } from "../../../src/wire/packet/encode.ts";
import { lookAround, watchTcp } from "../programs/cgroup.bpf.ts";
import { everyMap, overLimit } from "../programs/every-map.bpf.ts";
import { chains, contexts, scalars, views } from "../programs/subprograms.bpf.ts";
import { simulate } from "../../../src/kernel/simulate/simulate.ts";
import { measure } from "../programs/frags.bpf.ts";
import { dropOdd, parseCount } from "../programs/parse-count.bpf.ts";
import { BpftoolObject, bpftool, objectFile } from "./bpftool.ts";

const known = new WeakMap<Program, CompiledProgram>();

/** Compiled once: a test looks at a program in an object, and at the same as our own loader loads it. */
const compiled = (program: Program): CompiledProgram => {
  const found = known.get(program) ?? compile(program, { kernelTypes: kernelBtf() });
  known.set(program, found);
  return found;
};

const loadedBy = (...programs: readonly Program[]): BpftoolObject =>
  new BpftoolObject(objectFile(...programs.map(compiled)));

/** SHA-1 of the instructions without map descriptors, as the kernel makes it: equal for equal code. */
const tagOf = (program: Program): string => {
  const loaded = load(compiled(program));
  onTestFinished(() => loaded.close());
  return loaded.info().tag;
};

const tcpPacket = encodePacket([
  { protocol: "ethernet", header: { source: mac("2e:fe:7c:b0:c7:72"), destination: mac("2e:fe:7c:b0:c7:73") } },
  { protocol: "ipv6", header: { source: ipv6("db01::1"), destination: ipv6("db02::2"), hopLimit: 64 } },
  { protocol: "tcp", header: { sourcePort: 40001, destinationPort: 5201 } },
]);
const ipv4Frame = Uint8Array.from([
  ...fromHex("020000000002 020000000001 0800"),
  ...fromHex("45000014000000004011 0000 0a000001 0a000002"),
  ...new Uint8Array(30),
]);

describe("bpftool", () => {
  test("loads the programs of an object under their names, and their code is the one our own loader loads", () => {
    const object = loadedBy(parseCount, dropOdd);
    expect(object.program("parse_count")).toMatchObject({ type: "sched_cls", tag: tagOf(parseCount) });
    expect(object.program("drop_odd")).toMatchObject({ type: "xdp", tag: tagOf(dropOdd) });
    expect(object.run("parse_count", tcpPacket) | 0).toBe(Tc.Next);
    expect(object.run("drop_odd", new Uint8Array(15))).toBe(Xdp.Drop);
    expect(object.run("drop_odd", new Uint8Array(16))).toBe(Xdp.Pass);
  });

  test("knows every type of program by its section", () => {
    const object = loadedBy(lookAround, watchTcp, measure);
    expect(object.program("look_around")).toMatchObject({ type: "cgroup_skb", tag: tagOf(lookAround) });
    expect(object.program("watch_tcp")).toMatchObject({ type: "sock_ops", tag: tagOf(watchTcp) });
    expect(object.program("measure")).toMatchObject({ type: "xdp", tag: tagOf(measure) });
  });

  test("shows TypeScript lines beside the instructions", () => {
    const source = readFileSync(new URL("../programs/parse-count.bpf.ts", import.meta.url), "utf8").split("\n");
    const lines = loadedBy(dropOdd, parseCount).lines("parse_count");
    expect(lines.length).toBeGreaterThan(10);
    for (const { file, line, text } of lines) {
      expect(file).toMatch(/tests\/compiler\/programs\/parse-count\.bpf\.ts$/);
      expect(text).toBe(source[line - 1]?.trim());
    }
    expect(lines.map(({ text }) => text)).toContain("if (ip === null) return Tc.Next;");
  });

  test("names the fields of keys and values", () => {
    const object = loadedBy(parseCount);
    object.run("parse_count", tcpPacket);
    object.run("parse_count", tcpPacket);
    expect(object.dump("sources")).toEqual([
      { key: { address: [...fromHex("db010000000000000000000000000001")] }, value: { packets: 2, bytes: 0 } },
    ]);
    const [, tcp] = object.dump<PerCpuEntry[]>("counters");
    expect(tcp?.key).toBe(1);
    expect(packetsOf(tcp)).toBe(2);
    expect(tcp?.values[0]?.value).toEqual({ packets: expect.any(Number), bytes: expect.any(Number) });
  });

  test("makes maps of every type as they were declared, and variables with their first values", () => {
    const object = loadedBy(everyMap, overLimit);
    expect(object.program("every_map").tag).toBe(tagOf(everyMap));
    expect(object.program("over_limit").tag).toBe(tagOf(overLimit));
    const shown = (name: string): unknown => {
      const { type, bytes_key, bytes_value, max_entries, flags } = object.map<Record<string, unknown>>(name);
      return { type, bytes_key, bytes_value, max_entries, flags };
    };
    expect(Object.fromEntries(mapNames.map((name) => [name, shown(name)]))).toEqual({
      stations: { type: "hash", bytes_key: 8, bytes_value: 16, max_entries: 8, flags: 0 },
      recent: { type: "lru_hash", bytes_key: 8, bytes_value: 16, max_entries: 8, flags: 0 },
      per_cpu: { type: "percpu_hash", bytes_key: 4, bytes_value: 8, max_entries: 8, flags: 0 },
      recent_per_cpu: { type: "lru_percpu_hash", bytes_key: 4, bytes_value: 8, max_entries: 8, flags: 0 },
      sparse: { type: "hash", bytes_key: 4, bytes_value: 8, max_entries: 8, flags: 1 },
      slots: { type: "array", bytes_key: 4, bytes_value: 16, max_entries: 2, flags: 0 },
      per_cpu_slots: { type: "percpu_array", bytes_key: 4, bytes_value: 8, max_entries: 2, flags: 0 },
      routes: { type: "lpm_trie", bytes_key: 8, bytes_value: 4, max_entries: 8, flags: 1 },
      sizes: { type: "prog_array", bytes_key: 4, bytes_value: 4, max_entries: 5, flags: 0 },
      tables: { type: "array_of_maps", bytes_key: 4, bytes_value: 4, max_entries: 3, flags: 0 },
      by_slot: { type: "hash_of_maps", bytes_key: 8, bytes_value: 4, max_entries: 3, flags: 0 },
      ports: { type: "devmap", bytes_key: 4, bytes_value: 4, max_entries: 3, flags: 0x80 },
      ports_by_number: { type: "devmap_hash", bytes_key: 4, bytes_value: 4, max_entries: 3, flags: 0x80 },
      notes: { type: "ringbuf", bytes_key: 0, bytes_value: 0, max_entries: 4096, flags: 0 },
    });
    expect(object.run("every_map", ipv4Frame) | 0).toBe(Tc.Next);
    expect(object.dump("stations")).toEqual([
      { key: { address: [2, 0, 0, 0, 0, 1], etherType: 0x0008 }, value: { packets: 1, bytes: 2 } },
    ]);
    expect(object.dump("slots")).toEqual([
      { key: 0, value: { packets: 0, bytes: 0 } },
      { key: 1, value: { packets: 1, bytes: 0 } },
    ]);
    expect(object.dump("object_data")).toEqual([
      { value: { ".data": [{ total: 1 }, { limit: 1000 }, { total_2: 7 }] } },
    ]);
    expect(object.run("over_limit", ipv4Frame)).toBe(Xdp.Pass);
    const longer = (length: number): number =>
      object.run("every_map", Uint8Array.from([...ipv4Frame, ...new Uint8Array(length)])) | 0;
    expect([longer(600), longer(1200)]).toEqual([Tc.Ok, Tc.Drop]);
  });

  test("loads programs that call functions of their own, several in one object", () => {
    const object = loadedBy(scalars, views, chains, contexts);
    for (const program of [scalars, chains]) expect(object.program(program.name).tag).toBe(tagOf(program));
    expect(object.program("views").tag).toBe(tagOf(views));
    expect(object.run("chains", new Uint8Array(64).fill(2)) | 0).toBe(
      simulate(chains, { packet: new Uint8Array(64).fill(2) }).verdict | 0,
    );
    const texts = object.lines("chains").map(({ text }) => text);
    expect(texts).toContain("const third = subprogram([u32], u32, (x) => (x * 3) >>> 0);");
  });

  test("links objects into one", () => {
    const linked = objectFile(compiled(dropOdd));
    bpftool("gen", "object", linked, objectFile(compiled(parseCount)), objectFile(compiled(overLimit)));
    const object = new BpftoolObject(linked);
    expect(object.program("parse_count").tag).toBe(tagOf(parseCount));
    expect(object.program("over_limit").tag).toBe(tagOf(overLimit));
    expect(object.run("over_limit", ipv4Frame)).toBe(Xdp.Pass);
  });

  test("loads the programs of IOAM, which share maps and call kernel functions", () => {
    const config = { node, device };
    const rules = [rule({ traceType: 0xfe0000 | traceTypeBit(22), namespace: namespaces.withSchema })];
    const programs = {
      ioam_encap: encap({ ...config, rules }),
      ioam_ingress: transitIngress(config),
      ioam_egress: transitEgress(config),
      ioam_sink: sink(config),
    };
    const object = loadedBy(...Object.values(programs));
    for (const [name, program] of Object.entries(programs)) expect(object.program(name).tag).toBe(tagOf(program));
  });
});

/** An entry of a per-CPU map, as bpftool prints it. */
interface PerCpuEntry {
  readonly key: number;
  readonly values: readonly { readonly value: { readonly packets: number } }[];
}

const packetsOf = (entry: PerCpuEntry | undefined): number | undefined =>
  entry?.values.reduce((sum, { value }) => sum + value.packets, 0);

const mapNames = [
  "stations",
  "recent",
  "per_cpu",
  "recent_per_cpu",
  "sparse",
  "slots",
  "per_cpu_slots",
  "routes",
  "sizes",
  "tables",
  "by_slot",
  "ports",
  "ports_by_number",
  "notes",
];

/** Name of west's end of the pair. */
const DEVICE = "west";

/** iproute2 makes directories of its own in bpffs, so it gets one that ends with the command. */
const iproute2 = (end: End, ...words: readonly string[]): string =>
  end.run("unshare", "-m", "sh", "-ec", 'mount -t bpf bpf /sys/fs/bpf; exec "$@"', "sh", ...words);

describe("iproute2", () => {
  test.each([
    ["the first of its section", ["sec", "xdp"], dropOdd],
    ["any by its name", ["program", "over_limit"], overLimit],
  ] as const)("ip attaches XDP programs of an object: %s", (_, choice, expected) => {
    const { west } = vethPair();
    const file = objectFile(compiled(parseCount), compiled(dropOdd), compiled(overLimit));
    iproute2(west, "ip", "link", "set", "dev", DEVICE, "xdp", "obj", file, ...choice);
    const [link] = JSON.parse(iproute2(west, "ip", "-j", "-d", "link", "show", "dev", DEVICE)) as {
      xdp: { prog: { id: number; name: string; tag: string } };
    }[];
    expect(link?.xdp.prog).toMatchObject({ name: expected.name, tag: tagOf(expected) });
    iproute2(west, "ip", "link", "set", "dev", DEVICE, "xdp", "off");
  });

  test("tc attaches the classifier of an object, and its maps count what passes", () => {
    const { west, east } = vethPair();
    const file = objectFile(compiled(parseCount), compiled(dropOdd));
    iproute2(west, "tc", "qdisc", "add", "dev", DEVICE, "clsact");
    iproute2(west, "tc", "filter", "add", "dev", DEVICE, "ingress", "bpf", "da", "obj", file, "sec", "tc");
    const filter = iproute2(west, "tc", "filter", "show", "dev", DEVICE, "ingress");
    expect(filter).toContain(`tag ${tagOf(parseCount)}`);
    expect(east.ping(3)).toBe(3);
    const { map_ids } = JSON.parse(bpftool("-j", "prog", "show", "id", /\bid (\d+)/.exec(filter)?.[1] ?? "")) as {
      map_ids: number[];
    };
    const counters = map_ids.find((id) => bpftool("map", "show", "id", String(id)).includes("name counters"));
    const [other] = JSON.parse(bpftool("-j", "map", "dump", "id", String(counters))) as { formatted: PerCpuEntry }[];
    expect(packetsOf(other?.formatted)).toBe(3);
  });
});
