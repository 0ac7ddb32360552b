import type { ProgramType } from "../../kernel/program.ts";
import { cString, Errno, errnoName } from "../../linux/ffi.ts";
import { Attributes } from "../sys/attributes.ts";
import { notPermitted, tryBpf } from "../sys/bpf.ts";
import { Descriptor } from "../sys/descriptor.ts";
import { programTypes } from "../../compiler/program-types/index.ts";
import { LICENSE } from "../../compiler/object/license.ts";
import { type Answer, no, yes } from "./probe.ts";

const LOG_BYTES = 1 << 14;

export const MOV_R0_0 = [0xb7, 0, 0, 0, 0, 0, 0, 0] as const;
export const EXIT = [0x95, 0, 0, 0, 0, 0, 0, 0] as const;

/** `call helper`, or with `source` 2 `call kernel function`. */
const callOf = (target: number, source: 0 | 2): number[] => {
  const bytes = new Uint8Array(8);
  bytes[0] = 0x85;
  bytes[1] = source << 4;
  new DataView(bytes.buffer).setInt32(4, target, true);
  return [...bytes];
};

export interface Attempt {
  /** The program, when the kernel took it. */
  readonly program: Descriptor | undefined;
  readonly errno: number;
  readonly log: string;
}

/** Loads a few instructions for the answer's sake. Throws PermissionError when it may not ask. */
export const tryLoad = (type: ProgramType, instructions: readonly number[]): Attempt => {
  const log = Buffer.alloc(LOG_BYTES);
  const code = Uint8Array.from(instructions);
  const attributes = new Attributes()
    .u32(0, programTypes[type].kernelType)
    .u32(4, code.length / 8)
    .pointer(8, code)
    .pointer(16, cString(LICENSE))
    .u32(24, 1)
    .u32(28, LOG_BYTES)
    .pointer(32, log)
    .name(48, "hopmark_probe")
    .u32(68, programTypes[type].attachType({}));
  const result = tryBpf("PROG_LOAD", attributes);
  if (result === -Errno.EPERM) throw notPermitted(`loading ${article(type)} ${type} program`);
  const text = log.toString("utf8").split("\0")[0] ?? "";
  return { program: result >= 0 ? new Descriptor(result) : undefined, errno: Math.max(0, -result), log: text };
};

/** Whether programs of this type are taken at all. */
export const probeProgramType = (type: ProgramType): Answer => {
  const { program, errno } = tryLoad(type, [...MOV_R0_0, ...EXIT]);
  program?.close();
  return program === undefined
    ? no(`the kernel refuses the smallest ${type} program: ${errnoName(errno)}`)
    : yes(`the kernel took ${article(type)} ${type} program`);
};

/** What the verifier says of calls it does not know or does not allow; anything else means that it knew the callee. */
const LACKING =
  /invalid func|unknown func|cannot use helper|is not allowed|does not support calling|btf_id \d+ does not/;

export const probeCall = (type: ProgramType, name: string, target: number, source: 0 | 2): Answer => {
  const { program, log } = tryLoad(type, [...callOf(target, source), ...MOV_R0_0, ...EXIT]);
  program?.close();
  const said = LACKING.exec(log) === null ? undefined : log.split("\n").find((line) => LACKING.test(line));
  return said === undefined ? yes(`${type} programs may call ${name}`) : no(`the kernel says: ${said.trim()}`);
};

/** `an xdp program`, as it is spoken. */
const article = (type: string): string => (/^(?:[aeio]|xdp)/.test(type) ? "an" : "a");
