/** Every kind of refusal, provoked: hand-made programs that the real verifier refuses. */
import { describe, expect, test } from "vitest";
import { LICENSE } from "../../compiler/object/license.ts";
import type { CompiledProgram } from "../../compiler/program.ts";
import { arrayMap, hashMap, ringBuffer } from "../../kernel/maps.ts";
import { u32, u64 } from "../../wire/layout.ts";
import { cString } from "../../linux/ffi.ts";
import * as asm from "../fixtures/assembler.ts";
import { assemble, call, exit, jumpEqual, load as ldx, mapFd, mov, movReg, store, storeImm } from "../fixtures/assembler.ts"; // prettier-ignore
import { without } from "../fixtures/without-capabilities.ts";
import { load } from "../instance.ts";
import { Attributes } from "../sys/attributes.ts";
import { tryBpf } from "../sys/bpf.ts";
import { VerifierError } from "./error.ts";
import { refusalKind, refusalTitles, type RefusalCode } from "./kinds.ts";
import { readVerifierLog } from "./log.ts";
import { KernelLacksError } from "./unsupported.ts";

const map = hashMap(u32, u64, { entries: 1, name: "seen" });
const slots = arrayMap(u64, { entries: 4, name: "slots" });
const ring = ringBuffer({ bytes: 4096, name: "ring" });

const lookup = [storeImm(4, 10, -4, 0), movReg(2, 10), asm.add(2, -4), mapFd(1, map), call(1)] as const;

const refused: readonly [RefusalCode, string, CompiledProgram][] = [
  [
    "HM2001",
    "more branches at once than 8192",
    assemble("xdp", "branches", [
      ["const n = randomU32();", call(7)],
      ["switch (n)", ...Array.from({ length: 9000 }, (_, at) => jumpEqual(0, at, 9000 - at - 1))],
      ["return 0;", mov(0, 0), exit()],
    ]),
  ],
  ["HM2002", "a loop without an end", assemble("xdp", "forever", [["while (true)", mov(0, 0), jumpEqual(0, 0, -1), exit()]])], // prettier-ignore
  ["HM2003", "a frame of more than 512 bytes", assemble("xdp", "deep", [["key", storeImm(8, 10, -520, 0), mov(0, 0), exit()]])], // prettier-ignore
  [
    "HM2101",
    "no check at all",
    assemble("xdp", "beyond", [["kind", ldx(4, 2, 1, 0)], ["ethernet.etherType", ldx(1, 0, 2, 13), exit()]]), // prettier-ignore
  ],
  [
    "HM2101",
    "an offset without a bound",
    assemble("xdp", "far", [["ctx", movReg(6, 1), call(7), ldx(4, 2, 6, 0), asm.shiftRightReg(0, 0)], ["packet", asm.addReg(2, 0), ldx(1, 0, 2, 0), exit()]]), // prettier-ignore
  ],
  ["HM2102", "a map's value that may be missing", assemble("xdp", "maybe", [["lookup", ...lookup], ["value.packets", ldx(8, 0, 0, 0), exit()]])], // prettier-ignore
  [
    "HM2103",
    "past the end of a map's value",
    assemble("xdp", "past", [["lookup", ...lookup], ["if (value === null) return 0;", jumpEqual(0, 0, 1)], ["value.next", ldx(8, 0, 0, 8)], ["return 0;", mov(0, 0), exit()]]), // prettier-ignore
  ],
  [
    "HM2103",
    "an index without a bound",
    assemble("xdp", "index", [
      ["const n = randomU32();", call(7), movReg(6, 0)],
      ["const at = slots.lookup(0);", storeImm(4, 10, -4, 0), movReg(2, 10), asm.add(2, -4), mapFd(1, slots), call(1)],
      ["at.values[n]", jumpEqual(0, 0, 2), asm.addReg(0, 6), ldx(8, 1, 0, 0)],
      ["return 0;", mov(0, 0), exit()],
    ]),
  ],
  [
    "HM2103",
    "past the end of a record",
    assemble("xdp", "record", [
      ["const record = ring.reserve(Record);", mapFd(1, ring), mov(2, 8), mov(3, 0), call(131)],
      ["record.more = 1;", jumpEqual(0, 0, 4), storeImm(8, 0, 8, 1), movReg(1, 0), mov(2, 0), call(132)],
      ["return 0;", mov(0, 0), exit()],
    ]),
  ],
  ["HM2105", "a register that was never set", assemble("xdp", "unset", [["return x;", movReg(0, 7), exit()]])],
  ["HM2106", "half a slot of the stack", assemble("xdp", "half", [["store", storeImm(8, 10, -12, 0), mov(0, 0), exit()]])], // prettier-ignore
  ["HM2107", "a sum of two addresses", assemble("xdp", "sum", [["ctx", asm.addReg(1, 10), mov(0, 0), exit()]])],
  ["HM2108", "a field beyond the context", assemble("xdp", "field", [["ctx.x", ldx(4, 0, 1, 400), exit()]])],
  ["HM2108", "a field that is read-only", assemble("tc", "write", [["ctx.ifindex = 3;", mov(0, 0), store(4, 1, 40, 0), exit()]])], // prettier-ignore
  [
    "HM2201",
    "a record that is never submitted",
    assemble("xdp", "kept", [["reserve", mapFd(1, ring), mov(2, 8), mov(3, 0), call(131)], ["return", mov(0, 2), exit()]]), // prettier-ignore
  ],
  ["HM2901", "an instruction that nothing leads to", assemble("xdp", "dead", [["return 0;", mov(0, 0), exit(), mov(0, 1), exit()]])], // prettier-ignore
  ["HM2901", "a jump out of the program", assemble("xdp", "out", [["return 0;", mov(0, 0), jumpEqual(0, 0, 100), exit()]])], // prettier-ignore
  ["HM2999", "an argument of another type", assemble("xdp", "argument", [["lookup", mov(1, 0), movReg(2, 10), call(1), exit()]])], // prettier-ignore
];

/** What only a process without CAP_PERFMON is refused. */
const refusedWithoutRights: readonly [RefusalCode, string, CompiledProgram][] = [
  [
    "HM2004",
    "an offset into the stack that is known at run time",
    assemble("xdp", "slots", [
      ["const n = randomU32() & 8;", call(7), asm.and(0, 8), storeImm(8, 10, -8, 0), storeImm(8, 10, -16, 0)],
      ["slots[n]", movReg(2, 10), asm.add(2, -16), asm.addReg(2, 0), ldx(8, 1, 2, 0), mov(0, 0), exit()],
    ]),
  ],
  ["HM2104", "a key that was never written", assemble("xdp", "key", [["seen.lookup(key)", movReg(2, 10), asm.add(2, -4), mapFd(1, map), call(1), mov(0, 0), exit()]])], // prettier-ignore
  ["HM2107", "an address that is returned", assemble("xdp", "leak", [["return ctx;", movReg(0, 1), exit()]])],
];

const refusalOf = (program: CompiledProgram): VerifierError => {
  try {
    load(program).close();
  } catch (error) {
    if (error instanceof VerifierError) return error;
    throw error;
  }
  throw new Error(`the kernel takes ${program.name}`);
};

describe("each kind is told from the others, at its place", () => {
  test.each(refused)("%s: %s", (code, _, program) => {
    const error = refusalOf(program);
    expect(error.diagnostic.code, error.log).toBe(code);
    expect(error.message).toMatch(
      /^\/tests\/\w+\.bpf\.ts:\d+:3: HM2\d{3}: the kernel refused program \w+: .*\n {4}.*\n {4}\^\n {2}the verifier: \S/,
    );
  });

  test.each(refusedWithoutRights)("%s: %s, without CAP_PERFMON", (code, _, program) => {
    const error = without(["CAP_PERFMON", "CAP_SYS_ADMIN"], () => refusalOf(program));
    expect(error.diagnostic.code, error.log).toBe(code);
  });

  test("HM2202: a verdict that a cgroup's hook does not take", () => {
    const program = assemble("tc", "verdict", [["return 5;", mov(0, 5), exit()]]);
    const log = cgroupSkbLog(program);
    expect(new VerifierError(program, 22, log).diagnostic).toMatchObject({ code: "HM2202" });
  });

  test("every kind is provoked", () => {
    const provoked = new Set(["HM2202", ...[...refused, ...refusedWithoutRights].map(([code]) => code)]);
    expect(Object.keys(refusalTitles).filter((code) => !provoked.has(code))).toEqual([]);
  });
});

test("what the kernel lacks is HM1601, at the call", () => {
  const program = assemble("xdp", "room", [
    ["const packet = ctx.packet;", mov(2, 0), mov(3, 0), mov(4, 0)],
    ["packet.adjustRoom(8);", call(50), exit()],
  ]);
  expect(() => load(program)).toThrow(KernelLacksError);
  expect(() => load(program)).toThrow(
    "/tests/room.bpf.ts:3:3: HM1601: program room calls helper bpf_skb_adjust_room#50, which this kernel does not give " +
      "programs of its type; use a newer kernel, or leave out what needs it\n    packet.adjustRoom(8);\n    ^",
  );
});

test.each([
  ["math between map_value pointer and register with unbounded min value is not allowed", "HM2103"],
  ["BPF program is too large. Processed 1000001 insn", "HM2001"],
  ["back-edge from insn 5 to 2", "HM2002"],
  ["combined stack size of 2 calls is 544. Too large", "HM2003"],
  ["R1 invalid mem access 'map_value_or_null'", "HM2102"],
  ["R0 min value is negative, either use unsigned index or do a if (index >=0) check.", "HM2103"],
  ["invalid read from stack R2 off -16+0 size 8", "HM2104"],
  ["invalid indirect read from stack R2 off -8+4 size 8", "HM2104"],
  ["invalid write to stack R10 off=-512 size=16", "HM2999"],
  ["At program exit the register R0 has value (0x5; 0x0) should have been in (0x0; 0x1)", "HM2202"],
  ["R1 has pointer with unsupported alu operation, pointer arithmetic with it prohibited for !root", "HM2004"],
  ["what no kernel has said before", "HM2999"],
])("words of one kernel or another: %s", (words, code) => {
  expect(refusalKind(readVerifierLog(`0: (95) exit\n${words}\nprocessed 1 insns`).sentences)).toBe(code);
});

/** BPF_PROG_TYPE_CGROUP_SKB, whose verdicts are 0 and 1. */
const cgroupSkbLog = ({ code }: CompiledProgram): string => {
  const log = new Uint8Array(1 << 16);
  const attributes = new Attributes()
    .u32(0, 8)
    .u32(4, code.instructions.length / 8)
    .pointer(8, code.instructions)
    .pointer(16, cString(LICENSE))
    .u32(24, 1)
    .u32(28, log.length)
    .pointer(32, log);
  expect(tryBpf("PROG_LOAD", attributes)).toBeLessThan(0);
  return Buffer.from(log).toString("utf8").split("\0")[0] ?? "";
};
