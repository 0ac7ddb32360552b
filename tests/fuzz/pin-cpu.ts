/** Keeps this thread on one CPU, so that per-CPU maps of successive test runs show one CPU's values. */
import { rawSyscall } from "../../src/linux/ffi.ts";

const numbers: Readonly<Record<string, { readonly get: number; readonly set: number }>> = {
  x64: { get: 204, set: 203 },
  arm64: { get: 123, set: 122 },
};

const MASK_BYTES = 128;

/** Pins the calling thread to one of the CPUs it may run on, the first of them by default, and returns that. */
export const pinToOneCpu = (which = 0): number => {
  const call = numbers[process.arch];
  if (call === undefined) throw new Error(`no system call numbers for ${process.arch}`);
  const mask = new Uint8Array(MASK_BYTES);
  if (rawSyscall(call.get, 0, MASK_BYTES, mask) < 0) throw new Error("sched_getaffinity failed");
  const allowed = cpusOf(mask);
  const cpu = allowed[which % allowed.length] ?? 0;
  mask.fill(0);
  mask[cpu >> 3] = 1 << (cpu & 7);
  if (rawSyscall(call.set, 0, MASK_BYTES, mask) < 0) throw new Error("sched_setaffinity failed");
  return cpu;
};

const cpusOf = (mask: Uint8Array): number[] => {
  const cpus = [...mask].flatMap((byte, at) => BITS.filter((bit) => (byte >> bit) & 1).map((bit) => at * 8 + bit));
  if (cpus.length === 0) throw new Error("this thread may run on no CPU");
  return cpus;
};

const BITS = [0, 1, 2, 3, 4, 5, 6, 7];
