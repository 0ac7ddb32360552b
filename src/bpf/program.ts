/** Programs in the kernel. */
import { FUNC_INFO_BYTES, LINE_INFO_BYTES, type ProgramBtf } from "../compiler/object/btf.ts";
import { LICENSE } from "../compiler/object/license.ts";
import type { KernelTypes } from "../compiler/kernel-types.ts";
import type { Relocation } from "../compiler/object/machine-code.ts";
import type { CompiledProgram } from "../compiler/program.ts";
import { programTypes } from "../compiler/program-types/index.ts";
import { HopmarkError, UnsupportedError } from "../errors.ts";
import type { MapDescriptor } from "../kernel/maps.ts";
import { cString, Errno } from "../linux/ffi.ts";
import { Attributes } from "./sys/attributes.ts";
import { bpfError, missingBpfCapabilities, NEEDED_TO_TRACE, tryBpf } from "./sys/bpf.ts";
import { Descriptor } from "./sys/descriptor.ts";
import { KernelLacksError, unsupportedBy } from "./verifier/unsupported.ts";
import { VerifierError } from "./verifier/error.ts";
import type { VerifierLogRequest } from "./verifier/statistics.ts";

/** What a program needs of the kernel before it can be loaded. */
export interface ProgramSurroundings {
  /** Descriptor of each map the program names. */
  mapFd(map: MapDescriptor): number;
  /** Ids of kernel functions. */
  readonly types: () => KernelTypes;
  /** The program's own BTF, loaded. */
  readonly btf?: { readonly fd: number; readonly info: ProgramBtf };
  readonly verifierLog?: VerifierLogRequest | undefined;
}

const REGISTERS_MAP_FD = 1 << 4;
const REGISTERS_MAP_VALUE = 2 << 4;
const REGISTERS_KFUNC = 2 << 4;

/**
 * Loads the program.
 * @throws VerifierError when the kernel does not take it; UnsupportedError when the kernel lacks a helper or function;
 *   PermissionError
 */
export const loadProgram = (program: CompiledProgram, surroundings: ProgramSurroundings): Descriptor => {
  const instructions = relocate(program, surroundings);
  const result = tryBpf("PROG_LOAD", attributesOf(program, instructions, surroundings));
  if (result >= 0) {
    const { verifierLog } = surroundings;
    if (verifierLog !== undefined) {
      verifierLog.take(readLog(program, instructions, surroundings, LOG_LEVELS[verifierLog.detail]));
    }
    return new Descriptor(result);
  }
  // The first attempt writes no log: that is what makes it fast.
  const log = result === -Errno.EPERM ? "" : readLog(program, instructions, surroundings);
  throw refusal(program, result, log);
};

const attributesOf = (
  program: CompiledProgram,
  instructions: Uint8Array,
  surroundings: ProgramSurroundings,
): Attributes => {
  const { kernelType, attachType, loadFlags } = programTypes[program.type];
  const attributes = new Attributes()
    .u32(0, kernelType)
    .u32(4, instructions.length / 8)
    .pointer(8, instructions)
    .pointer(16, cString(LICENSE))
    .u32(44, loadFlags?.(program.purpose ?? {}) ?? 0)
    .name(48, program.name)
    .u32(68, attachType(program.purpose ?? {}))
    .u32(108, attachBtfId(program, surroundings.types));
  const { btf } = surroundings;
  if (btf === undefined) return attributes;
  const { funcInfo, lineInfo } = btf.info;
  return attributes
    .u32(72, btf.fd)
    .u32(76, FUNC_INFO_BYTES)
    .pointer(80, funcInfo)
    .u32(88, funcInfo.length / FUNC_INFO_BYTES)
    .u32(92, LINE_INFO_BYTES)
    .pointer(96, lineInfo)
    .u32(104, lineInfo.length / LINE_INFO_BYTES);
};

/** Type id of what a program is loaded for; 0 where the kernel does not ask. */
const attachBtfId = ({ type, name, purpose }: CompiledProgram, types: () => KernelTypes): number => {
  const target = purpose?.target;
  const wanted = target === undefined ? undefined : programTypes[type].attachTo?.(target);
  if (wanted === undefined || target === undefined) return 0;
  const id = types().typeId(wanted.kind, wanted.name);
  if (id !== undefined) return id;
  throw new UnsupportedError(target, `program ${name} is for ${target}, which this kernel does not have`, {
    hint: `it would be ${wanted.kind} ${wanted.name} in /sys/kernel/btf/vmlinux; check the name`,
  });
};

/** The instructions with this kernel's map descriptors and function ids in them. */
const relocate = (program: CompiledProgram, surroundings: ProgramSurroundings): Uint8Array => {
  const bytes = program.code.instructions.slice();
  const view = new DataView(bytes.buffer);
  for (const relocation of program.code.relocations) {
    const at = relocation.instruction * 8;
    const destination = view.getUint8(at + 1) & 0x0f;
    const registers = (high: number): void => view.setUint8(at + 1, high | destination);
    switch (relocation.kind) {
      case "map":
        registers(REGISTERS_MAP_FD);
        view.setInt32(at + 4, surroundings.mapFd(relocation.map), true);
        break;
      case "mapValue":
        registers(REGISTERS_MAP_VALUE);
        view.setInt32(at + 4, surroundings.mapFd(relocation.map), true);
        view.setInt32(at + 12, relocation.offset, true);
        break;
      case "kfunc":
        registers(REGISTERS_KFUNC);
        view.setInt32(at + 4, kernelFunctionId(program, relocation, surroundings.types()), true);
        break;
    }
  }
  return bytes;
};

const kernelFunctionId = (
  program: CompiledProgram,
  { name, instruction }: Extract<Relocation, { kind: "kfunc" }>,
  types: KernelTypes,
): number => {
  const id = types.typeId("func", name);
  if (id !== undefined) return id;
  throw new KernelLacksError(program, name, `${name}, which this kernel does not have`, instruction);
};

/** BPF_LOG_LEVEL1, BPF_LOG_LEVEL2, BPF_LOG_STATS. */
const LOG_LEVELS = { refusal: 1, statistics: 4, steps: 2 | 4 } as const;
const FIRST_LOG_BYTES = 1 << 20;
const LAST_LOG_BYTES = 1 << 26;

/** Loads once more for the log's sake. Kernels before 6.4 refuse a log that is too small; later ones keep its end. */
const readLog = (
  program: CompiledProgram,
  instructions: Uint8Array,
  surroundings: ProgramSurroundings,
  level: number = LOG_LEVELS.refusal,
): string => {
  for (let size = FIRST_LOG_BYTES; ; size *= 8) {
    const log = Buffer.alloc(size);
    const attributes = attributesOf(program, instructions, surroundings).u32(24, level).u32(28, size).pointer(32, log);
    const result = tryBpf("PROG_LOAD", attributes);
    if (result >= 0) new Descriptor(result).close();
    const end = log.indexOf(0);
    const text = log.toString("utf8", 0, end === -1 ? size : end);
    if (result !== -Errno.ENOSPC || text.includes("\nprocessed ") || size >= LAST_LOG_BYTES) return text;
  }
};

const isTracing = (type: CompiledProgram["type"]): boolean =>
  type === "tracepoint" || type === "rawTracepoint" || type === "iterator";

const refusal = (program: CompiledProgram, error: number, log: string): HopmarkError => {
  const what = `program ${program.name}`;
  const unsupported = unsupportedBy(program, log);
  if (unsupported !== undefined) return unsupported;
  // A signal came again and again: the verifier has found nothing.
  if (log !== "" && error !== -Errno.EAGAIN) return new VerifierError(program, error, log);
  switch (error) {
    case -Errno.E2BIG: {
      const count = program.code.instructions.length / 8;
      const hint = missingBpfCapabilities().length === 0 ? "split it with tail calls" : "give the process CAP_BPF";
      return new HopmarkError("too-large", `${what} has ${count} instructions, more than the kernel takes`, { hint });
    }
    case -Errno.EINVAL:
      return new UnsupportedError(
        program.type,
        `this kernel takes no ${program.type} programs (${what}: EINVAL, no log)`,
        {
          hint: "hopmark doctor says what this kernel can do",
        },
      );
    default:
      return bpfError("PROG_LOAD", error, what, ...(isTracing(program.type) ? [NEEDED_TO_TRACE] : []));
  }
};
