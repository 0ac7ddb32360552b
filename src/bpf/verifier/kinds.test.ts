/** Every kind of refusal, provoked: hand-made programs that the real verifier refuses. */
import { describe, expect, test } from "vitest";
import { LICENSE } from "../../compiler/object/license.ts";
import type { CompiledProgram } from "../../compiler/program.ts";
import { cString } from "../../linux/ffi.ts";
import { assemble, call, exit, mov } from "../fixtures/assembler.ts";
import { refused, refusedWithoutRights } from "../fixtures/refused-programs.ts";
import { without } from "../fixtures/without-capabilities.ts";
import { load } from "../instance.ts";
import { Attributes } from "../sys/attributes.ts";
import { tryBpf } from "../sys/bpf.ts";
import { VerifierError } from "./error.ts";
import { refusalKind, refusalTitles } from "./kinds.ts";
import { readVerifierLog } from "./log.ts";
import { KernelLacksError } from "./unsupported.ts";

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
