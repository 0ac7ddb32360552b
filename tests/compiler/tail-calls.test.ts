/** Tail calls: the same in the kernel and in V8, and what the loader makes of them. */
import { codeOf } from "../../src/bpf/fixtures/code-of.ts";
import { describe, expect, onTestFinished, test } from "vitest";
import { load, loadAll } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import { programArray } from "../../src/kernel/program-array.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import { SimulatedMaps } from "../../src/kernel/simulate/simulated-maps.ts";
import { toHex } from "../fuzz/hex.ts";
import { agreeOn } from "./agree.ts";
import { BpftoolObject, objectFile } from "./object/bpftool.ts";
import {
  alsoEmpty,
  circle,
  classify,
  empty,
  ok,
  parsers,
  pass,
  rounds,
  seen,
  wait,
  waitToo,
  waitWhole,
  whole,
} from "./programs/tail-calls.bpf.ts";

const frame = (etherType: string, rest: string): string => `020000000001 020000000002 ${etherType} ${rest}`;
const ip4 = frame("0800", `45000014 00000000 07110000 0a000001 0a000002`);
const ip6 = frame("86dd", `60000000 00003a09 ${"db01".padEnd(32, "0")} ${"db02".padEnd(32, "0")}`);

describe("in the kernel and in V8", () => {
  test("the program at the index goes on with the packet; without one the caller does", () => {
    const packets = [ip4, ip6, frame("0006", "00"), frame("0007", ""), frame("ffff", "")];
    const { runs } = agreeOn(
      classify,
      packets.map((packet) => ({ packet })),
      [],
      [seen],
    );
    expect(runs.map(({ verdict }) => verdict)).toEqual([2, 1, 0, 3, 3]);
    expect(runs.map(({ records }) => records.map(({ bytes }) => toHex(bytes)))).toEqual([
      ["0400000007000000"],
      ["0600000009000000"],
      [],
      [],
      [],
    ]);
    expect(runs[0]!.packet[22]).toBe(1);
    expect(toHex(runs[3]!.packet)).toBe("020000000001".repeat(2) + "0007");
  });

  test("33 times, then the program goes on behind the call", () => {
    const { runs, maps } = agreeOn(
      circle,
      [{ packet: "00".repeat(14) }, { packet: "00".repeat(14), mark: 5 }],
      [rounds],
    );
    expect(runs.map(({ verdict }) => verdict)).toEqual([34, 39]);
    expect(maps.get("rounds")?.get("00000000")).toBe("44000000");
  });

  test("user space puts programs in and takes them out", () => {
    const packet = new Uint8Array(14);
    const loaded = load(compile(wait));
    const target = load(compile(pass));
    onTestFinished(() => loaded.close());
    const maps = new SimulatedMaps();
    const both = (): number[] => [loaded.testRun(packet).verdict, simulate(wait, { packet, maps }).verdict];
    expect(both()).toEqual([1, 1]);
    loaded.map(empty).set(1, target);
    maps.map(empty).set(1, pass);
    const { id } = target.info();
    target.close();
    expect(both()).toEqual([2, 2]);
    expect([...loaded.map(empty).entries()]).toEqual([[1, { id }]]);
    expect([loaded.map(empty).delete(1), maps.map(empty).delete(1)]).toEqual([true, true]);
    expect([loaded.map(empty).delete(1), maps.map(empty).delete(1)]).toEqual([false, false]);
    expect(both()).toEqual([1, 1]);
  });
});

describe("what is loaded", () => {
  test("is what arrays list, each program once", () => {
    const compiled = compile(classify);
    expect(compiled.tails?.map(({ name }) => name)).toEqual(["parse_ipv4", "parse_ipv6"]);
    const instance = loadAll([compiled, compile(circle)]);
    onTestFinished(() => instance.close());
    expect(instance.programs.map(({ name }) => name)).toEqual(["classify", "circle", "parse_ipv4", "parse_ipv6"]);
    const at = (index: number): number | undefined => instance.map(parsers).get(index);
    expect([at(4), at(5), at(6)]).toEqual([
      instance.program("parse_ipv4").info().id,
      undefined,
      instance.program("parse_ipv6").info().id,
    ]);
    expect(codeOf(() => at(8) ?? instance.map(parsers).set(8, instance.program("parse_ipv4")))).toBe("out-of-range");
  });

  test("is of one type", () => {
    expect(codeOf(() => programArray({ programs: [pass, ok] as never }))).toBe("program-type");
    expect(codeOf(() => programArray({ entries: 1, programs: { 1: pass } }))).toBe("out-of-range");
    const [loaded, other] = [load(compile(wait)), load(compile(ok))];
    onTestFinished(() => (loaded.close(), other.close()));
    expect(codeOf(() => loaded.map(empty).set(0, other))).toBe("program-type");
    expect(codeOf(() => new SimulatedMaps().map(parsers).set(0, ok))).toBe("program-type");
  });

  test("takes frags, or does not", () => {
    expect(() => programArray({ programs: [pass, whole] })).toThrow(
      / pass, made with xdp\(\), and whole, made with xdp\(…/,
    );
    const [loaded, other, caller] = [load(compile(wait)), load(compile(whole)), load(compile(classify))];
    onTestFinished(() => (loaded.close(), other.close(), caller.close()));
    expect(() => loaded.map(empty).set(0, other)).toThrow(
      "whole was made with xdp(…, { frags: true }), and those that use",
    );
    expect(codeOf(() => loaded.map(empty).set(0, other))).toBe("program-type");
    expect(() => caller.map(parsers).set(0, other)).toThrow("parsers are made with xdp()");
    expect(codeOf(() => new SimulatedMaps().map(parsers).set(0, whole))).toBe("program-type");
    const takers = load(compile(waitWhole));
    onTestFinished(() => takers.close());
    takers.map(alsoEmpty).set(1, other);
    expect(takers.testRun(new Uint8Array(14)).verdict).toBe(0);
    expect(() => loadAll([compile(waitWhole), compile(waitToo)])).toThrow(
      "also_empty is called by wait_whole, made with xdp(…, { frags: true }), and by wait_too, made with xdp()",
    );
  });
});

describe("bpftool", () => {
  test("loads an array with the programs it lists", () => {
    const object = new BpftoolObject(objectFile(compile(classify)));
    const { type, max_entries } = object.map<{ type: string; max_entries: number }>("parsers");
    expect([type, max_entries]).toEqual(["prog_array", 8]);
    expect(object.program("parse_ipv4")).toMatchObject({ type: "xdp", name: "parse_ipv4" });
    const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
    expect(object.run("classify", bytes(ip4))).toBe(2);
    expect(object.run("classify", bytes(ip6))).toBe(1);
    expect(object.run("classify", bytes(frame("0007", "00".repeat(20))))).toBe(3);
  });

  test("loads an array that nobody is in", () => {
    const object = new BpftoolObject(objectFile(compile(wait)));
    expect(object.run("wait", new Uint8Array(14))).toBe(1);
  });
});
