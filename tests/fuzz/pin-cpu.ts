/** Keeps this thread on one CPU, so that per-CPU maps of successive test runs show one CPU's values. */
import { rawSyscall } from "../../src/linux/ffi.ts";

const numbers: Readonly<Record<string, { readonly get: number; readonly set: number }>> = {
  x64: { get: 204, set: 203 },
  arm64: { get: 123, set: 122 },
};

const MASK_BYTES = 128;

/** Pins the calling thread to the first CPU it may run on, and returns that. */
export const pinToOneCpu = (): number => {
  const call = numbers[process.arch];
  if (call === undefined) throw new Error(`no system call numbers for ${process.arch}`);
  const mask = new Uint8Array(MASK_BYTES);
  if (rawSyscall(call.get, 0, MASK_BYTES, mask) < 0) throw new Error("sched_getaffinity failed");
  const cpu = firstOf(mask);
  mask.fill(0);
  mask[cpu >> 3] = 1 << (cpu & 7);
  if (rawSyscall(call.set, 0, MASK_BYTES, mask) < 0) throw new Error("sched_setaffinity failed");
  return cpu;
};

const firstOf = (mask: Uint8Array): number => {
  const at = mask.findIndex((byte) => byte !== 0);
  if (at === -1) throw new Error("this thread may run on no CPU");
  return at * 8 + Math.log2((mask[at] as number) & -(mask[at] as number));
};
