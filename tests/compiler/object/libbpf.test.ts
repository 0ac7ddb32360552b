/** Objects in programs of C: opened and attached over libbpf, and as the skeletons that bpftool makes of them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import { kernelBtf } from "../../../src/bpf/btf/kernel-btf.ts";
import { vethPair } from "../../../src/bpf/fixtures/veth.ts";
import { compile } from "../../../src/compiler/compile.ts";
import { programTypes } from "../../../src/compiler/program-types/index.ts";
import { MAP_TYPES } from "../../../src/compiler/object/map-types.ts";
import type { Program } from "../../../src/kernel/program.ts";
import { withNetns } from "../../../src/linux/with-netns.ts";
import * as everyMap from "../programs/every-map.bpf.ts";
import { bpftool, objectFile } from "./bpftool.ts";
import { CProgram, isWithoutLibbpf } from "./c-program.ts";
import * as everyType from "./every-type.bpf.ts";

const isProgram = (value: object): value is Program => "kind" in value && value.kind === "program";

const all: readonly Program[] = [everyType, everyMap].flatMap((module) => Object.values(module).filter(isProgram));

const objectOf = (programs: readonly Program[]): string =>
  objectFile(...programs.map((program) => compile(program, { kernelTypes: kernelBtf() })));

const cProgram = (...words: ConstructorParameters<typeof CProgram>): CProgram => {
  const program = new CProgram(...words);
  onTestFinished(() => program[Symbol.dispose]());
  return program;
};

describe.skipIf(isWithoutLibbpf)("libbpf", () => {
  test("loads programs of every type and maps of every kind, under their names", () => {
    const lines = cProgram("loader").lines(objectOf(all));
    expect(new Set(all.map(({ type }) => type))).toEqual(new Set(Object.keys(programTypes)));
    expect(lines.filter((line) => line.startsWith("program ")).toSorted()).toEqual([
      "program carry cgroup/skb cgroup_skb",
      "program count xdp xdp",
      "program every_map tc sched_cls",
      "program large tc sched_cls",
      "program leave cgroup_skb/egress cgroup_skb",
      "program left tp_btf/sched_process_exit tracing",
      "program next tc sched_cls",
      "program over_limit xdp xdp",
      "program raw raw_tp/sched_process_exit raw_tracepoint",
      "program small tc sched_cls",
      "program tasks iter/task tracing",
      "program whole xdp.frags xdp",
      "program window sockops sock_ops",
    ]);
    const maps = lines.filter((line) => line.startsWith("map ")).map((line) => line.split(" "));
    expect(new Set(maps.map(([, , type]) => type))).toEqual(new Set(Object.keys(MAP_TYPES)));
    expect(maps).toContainEqual(["map", "seen", "percpu_array", "4", "16", "1"]);
    expect(maps).toContainEqual(["map", "object.data", "array", "4", "52", "1"]);
  });

  test("attaches an XDP program by a link, and finds its map by name", async () => {
    const { west, east } = vethPair();
    const loader = cProgram("loader");
    const words = [objectOf([everyType.count]), "west", "count", "seen"];
    const child = withNetns(west.netns, () => spawn(loader.path, words, { stdio: ["pipe", "pipe", "inherit"] }));
    onTestFinished(() => void child.kill());
    const exit = once(child, "exit");
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe("attached");
    expect(west.run("ip", "-d", "link", "show", "dev", "west")).toMatch(/prog\/xdp id \d+ name count/);
    expect(east.ping(3)).toBe(3);
    child.stdin.end("\n");
    const value = Buffer.from(String((await lines.next()).value), "hex");
    const words64 = new BigUint64Array(value.buffer, value.byteOffset, value.length / 8);
    const sum = (of: number): bigint => words64.reduce((total, word, at) => (at % 2 === of ? total + word : total), 0n);
    expect([sum(0), sum(1)]).toEqual([3n, 3n * 98n]);
    expect(await exit).toEqual([0, null]);
    expect(west.run("ip", "-d", "link", "show", "dev", "west")).not.toContain("prog/xdp");
  });

  test("a skeleton has programs, links and variables under their names", () => {
    const object = objectOf(all.filter((program) => Object.values<unknown>(everyType).includes(program)));
    const folder = dirname(object);
    writeFileSync(join(folder, "every.skel.h"), bpftool("gen", "skeleton", object, "name", "every"));
    expect(cProgram("skeleton", folder).lines()).toEqual([
      "first 1500 0 3",
      "limit 20: 2 1",
      "limit 200: 2 1",
      "exits 1",
      "walked 0, tasks 1",
    ]);
  });
});
