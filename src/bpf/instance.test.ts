import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { HopmarkError, UnsupportedError } from "../errors.ts";
import { arrayMap, hashMap, perCpuArrayMap, variable } from "../kernel/maps.ts";
import { rawSyscall } from "../linux/ffi.ts";
import { be16, ipv6Address, struct, u32, u64, u8 } from "../wire/layout.ts";
import type { Ipv6Address } from "../wire/layout.ts";
import { load, loadAll } from "./instance.ts";
import { assemble, call, exit, kfunc, load as ldx, mapFd, mov } from "./fixtures/assembler.ts";
import { counting, countingAt, returning } from "./fixtures/programs.ts";
import { VerifierError } from "./verifier/error.ts";

const FRAME = new Uint8Array(64).fill(0xab);
const openDescriptors = (): string[] => readdirSync("/proc/self/fd");
const bpftool = (...words: string[]): string => execFileSync("bpftool", words, { encoding: "utf8" });

/** Loads for the length of a test. */
const loaded = (...args: Parameters<typeof load>): ReturnType<typeof load> => {
  const program = load(...args);
  onTestFinished(() => program.close());
  return program;
};

const thrownBy = <E extends Error>(type: new (...args: never[]) => E, run: () => unknown): E => {
  try {
    run();
  } catch (error) {
    if (error instanceof type) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("loading", () => {
  // The kernel stops verifying when one comes, as a profiler's do every millisecond.
  test("signals, however many come, keep no program from being verified", () => {
    const [SYS_SETITIMER, ITIMER_REAL] = [process.arch === "x64" ? 38 : 103, 0];
    const everyUs = (us: number): void => {
      rawSyscall(SYS_SETITIMER, ITIMER_REAL, new BigInt64Array([0n, BigInt(us), 0n, BigInt(us)]), null);
    };
    const longer = assemble("xdp", "longer", [["return 2;", ...Array.from({ length: 4000 }, () => mov(0, 2)), exit()]]);
    const ignore = (): void => {};
    process.on("SIGALRM", ignore);
    everyUs(50);
    try {
      for (let round = 0; round < 20; round++) load(longer).close();
    } finally {
      everyUs(0);
      process.off("SIGALRM", ignore);
    }
  });

  test("a program runs and gives its verdict and packet", () => {
    const result = loaded(returning("xdp", 2)).testRun(FRAME);
    expect(result.verdict).toBe(2);
    expect(result.packet).toEqual(FRAME);
    expect(loaded(returning("tc", -1)).testRun(FRAME).verdict).toBe(-1);
  });

  test("bpftool shows names, types and TypeScript lines", () => {
    const counter = variable(u64, 41n, { name: "packets_seen_in_all" });
    const program = loaded(counting("tc", counter, 0, "count_packets"));
    const { id } = program.info();
    const dump = bpftool("prog", "dump", "xlated", "id", String(id), "linum");
    expect(dump).toContain("int count_packets(struct __sk_buff * ctx):");
    expect(dump).toContain("; counter.value++; [file:/tests/count_packets.bpf.ts line_num:2 line_col:3]");
    expect(dump).toContain("; return 0; [file:/tests/count_packets.bpf.ts line_num:3 line_col:3]");
    const shown = JSON.parse(bpftool("prog", "show", "id", String(id), "-j"));
    expect(shown).toMatchObject({
      type: "sched_cls",
      name: "count_packets",
      gpl_compatible: true,
      tag: program.info().tag,
    });
    expect(shown.map_ids).toEqual(program.info().mapIds);
    expect(JSON.parse(bpftool("map", "show", "id", String(shown.map_ids[0]), "-j")).name).toBe("packets_seen_in");
    expect(JSON.parse(bpftool("map", "dump", "id", String(shown.map_ids[0]), "-j"))[0].formatted.value).toEqual({
      value: 41,
    });
  });

  test("bpftool shows a map's fields", () => {
    const key = struct("Hop", { address: ipv6Address, port: be16 });
    const value = struct("Seen", { packets: u64, kind: u8, last: u32 });
    const map = hashMap(key, value, { entries: 8, name: "hops" });
    const program = loaded(
      assemble("xdp", "touch", [
        ["map", mapFd(1, map)],
        ["return 2;", mov(0, 2), exit()],
      ]),
    );
    program.map(map).set({ address: "db01::1" as Ipv6Address, port: 0x1234 }, { packets: 5n, kind: 3, last: 9 });
    const [mapId] = program.info().mapIds;
    const [entry] = JSON.parse(bpftool("map", "dump", "id", String(mapId), "-j"));
    expect(entry.formatted.key.address).toEqual([0xdb, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(entry.formatted.key.port).toBe(0x3412);
    expect(entry.formatted.value).toEqual({ packets: 5, kind: 3, last: 9 });
  });

  test("programs loaded together share the maps they both name", () => {
    const counter = variable(u64, 0n);
    const instance = loadAll([counting("xdp", counter, 2, "one"), counting("tc", counter, 0, "two")]);
    onTestFinished(() => instance.close());
    instance.program("one").testRun(FRAME, { repeat: 3 });
    instance.program("two").testRun(FRAME, { repeat: 4 });
    expect(instance.map(counter).value).toBe(7n);
    expect(instance.program("one").info().mapIds).toEqual(instance.program("two").info().mapIds);
    expect(() => instance.program("three")).toThrow(/no program three here, but one, two/);
  });

  test("a map of another instance takes the place of a new one, and outlives it", () => {
    const counter = variable(u64, 0n);
    const first = load(counting("xdp", counter, 2));
    const again = variable(u64, 100n, { name: "again" });
    const second = loaded(counting("xdp", again, 2), { share: new Map([[again, first.map(counter)]]) });
    first.testRun(FRAME);
    second.testRun(FRAME);
    expect(first.map(counter).value).toBe(2n);
    first.close();
    second.testRun(FRAME);
    expect(second.map(again).value).toBe(3n);
  });

  test("a map that is declared otherwise is not shared", () => {
    const small = loaded(countingAt(arrayMap(u64, { entries: 1 }), 2));
    const [descriptor] = small.compiled.maps;
    const large = arrayMap(u64, { entries: 2, name: "large" });
    const share = new Map([[large, { raw: small.map(descriptor as typeof large).raw }]]);
    const error = thrownBy(HopmarkError, () => load(countingAt(large, 2), { share }));
    expect(error.code).toBe("map-mismatch");
    expect(error.message).toBe("map large is declared with entries 2, the given one has 1");
  });

  test("kernel functions are found by name", () => {
    const program = assemble("tc", "to_kernel", [
      ["const skb = kernelContext(ctx);", kfunc("bpf_cast_to_kern_ctx")],
      ["return skb.len;", ldx(4, 0, 0, 112), mov(0, 0), exit()],
    ]);
    expect(loaded(program).testRun(FRAME).verdict).toBe(0);
  });
});

describe("what the kernel refuses", () => {
  const beyond = assemble("xdp", "beyond", [
    ["const packet = ctx.packet;", ldx(4, 2, 1, 0)],
    ["const kind = packet.at(Ethernet, 0).etherType;", ldx(1, 0, 2, 13)],
    ["return kind;", exit()],
  ]);

  test("is told in TypeScript lines", () => {
    const error = thrownBy(VerifierError, () => load(beyond));
    expect(error.message).toBe(
      "/tests/beyond.bpf.ts:3:3: HM2101: the kernel refused program beyond: this access may lie outside of the packet; " +
        "take a view with packet.at(Layout, offset) and test it for null before this line\n" +
        "    const kind = packet.at(Ethernet, 0).etherType;\n" +
        "    ^\n" +
        "  the verifier: invalid access to packet, off=13 size=1, R2(id=0,off=13,r=0)",
    );
    expect(error).toMatchObject({
      code: "verifier",
      errno: "EACCES",
      program: "beyond",
      instruction: 1,
      line: 3,
      column: 3,
      sentences: [expect.stringContaining("invalid access"), "R2 offset is outside of the packet"],
    });
    expect(error.log).toContain("processed 2 insns");
  });

  test("a helper that is not there is named", () => {
    const unknown = assemble("xdp", "unknown", [["what();", call(9999), exit()]]);
    const error = thrownBy(UnsupportedError, () => load(unknown));
    expect(error.message).toMatch(/program unknown calls helper \S+9999, which this kernel does not have/);
    const wrong = assemble("xdp", "wrong", [["adjustRoom", mov(2, 0), mov(3, 0), mov(4, 0), call(50), exit()]]);
    expect(thrownBy(UnsupportedError, () => load(wrong)).message).toMatch(/bpf_skb_adjust_room/);
  });

  test("a kernel function that is not there, or not for this type, is named", () => {
    const absent = assemble("xdp", "absent", [["x", kfunc("no_such_function"), exit()]]);
    expect(thrownBy(UnsupportedError, () => load(absent)).message).toContain(
      ": HM1601: program absent calls no_such_function, which this kernel does not have; ",
    );
    const refused = assemble("xdp", "refused", [["x", kfunc("tcp_v4_rcv"), exit()]]);
    expect(thrownBy(UnsupportedError, () => load(refused)).feature).toBe("tcp_v4_rcv");
  });

  test("leaves nothing open, maps and earlier programs included", () => {
    const counter = perCpuArrayMap(u64, { entries: 1 });
    const before = openDescriptors().length;
    expect(() => loadAll([returning("xdp", 2), countingAt(counter, 2), beyond])).toThrow(VerifierError);
    expect(openDescriptors().length).toBe(before);
    const good = load(countingAt(counter, 2));
    good.close();
    good.close();
    expect(openDescriptors().length).toBe(before);
  });

  test("a large program's log is complete enough to name the last instruction", () => {
    const many = Array.from({ length: 30_000 }, () => mov(0, 2));
    const large = assemble("xdp", "large", [
      ["many", ...many],
      ["bad", ldx(8, 0, 5, 0), exit()],
    ]);
    const error = thrownBy(VerifierError, () => load(large));
    expect(error).toMatchObject({ instruction: 30_000, line: 3 });
  });
});
