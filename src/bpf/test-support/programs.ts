/** Small hand-made programs that several tests load. */
import type { CompiledProgram } from "../../compiler/program.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { ProgramType } from "../../kernel/program.ts";
import {
  add,
  assemble,
  atomicAdd,
  call,
  exit,
  jumpEqual,
  mapFd,
  mapValue,
  mov,
  movReg,
  storeImm,
} from "./assembler.ts";

/** Returns a constant verdict. */
export const returning = (type: ProgramType, verdict: number, name = "constant"): CompiledProgram =>
  assemble(type, name, [[`return ${verdict};`, mov(0, verdict), exit()]]);

/** Adds one to a one-element array of u64, then returns `verdict`. */
export const counting = (
  type: ProgramType,
  counter: MapDescriptor,
  verdict: number,
  name = "counting",
): CompiledProgram =>
  assemble(type, name, [
    ["counter.value++;", mapValue(1, counter), mov(2, 1), atomicAdd(8, 1, 0, 2)],
    [`return ${verdict};`, mov(0, verdict), exit()],
  ]);

/** Adds one to the u64 under key 0 (4 bytes) of a map, where there is one. */
export const countingAt = (map: MapDescriptor, verdict: number): CompiledProgram =>
  assemble("xdp", "counting_at", [
    ["const entry = map.lookup(0);", storeImm(4, 10, -4, 0), movReg(2, 10), add(2, -4), mapFd(1, map), call(1)],
    ["if (entry !== null) entry.value++;", jumpEqual(0, 0, 2), mov(1, 1), atomicAdd(8, 0, 0, 1)],
    [`return ${verdict};`, mov(0, verdict), exit()],
  ]);

/** Submits `copies` records of `bytes` bytes whose first 8 are the kernel's clock. Helper 131 reserves, 132 submits, 133 discards. */
export const recording = (ring: MapDescriptor, bytes: number, discard = false): CompiledProgram =>
  assemble("xdp", "recording", [
    ["const record = ring.reserve(Record);", mapFd(1, ring), mov(2, bytes), mov(3, 0), call(131)],
    ["if (record === null) return Xdp.Drop;", jumpEqual(0, 0, 6)],
    ["record.index = 7;", storeImm(8, 0, 0, 7)],
    [discard ? "ring.discard(record);" : "ring.submit(record);", movReg(1, 0), mov(2, 0), call(discard ? 133 : 132)],
    ["return Xdp.Pass;", mov(0, 2), exit()],
    ["", mov(0, 1), exit()],
  ]);
