/** Keeps this thread on one CPU, so that per-CPU maps of successive test runs show one CPU's values. */
import { rawSyscall } from "../../src/linux/ffi.ts";

const numbers: Readonly<Record<string, { readonly get: number; readonly set: number }>> = {
  x64: { get: 204, set: 203 },
  arm64: { get: 123, set: 122 },
};

const MASK_BYTES = 128;

/** Pins the calling thread to one of the CPUs it may run on, the first of them by default, and returns that. */
export const pinToOneCpu = (which = 0): number => {
  const allowed = cpusOf(allowedCpus());
  const cpu = allowed[which % allowed.length] ?? 0;
  const mask = new Uint8Array(MASK_BYTES);
  mask[cpu >> 3] = 1 << (cpu & 7);
  allowCpus(mask);
  return cpu;
};

/** Runs with this thread on one CPU, and lets it go again. */
export const onOneCpu = <T>(run: (cpu: number) => T): T => {
  const before = allowedCpus();
  try {
    return run(pinToOneCpu());
  } finally {
    allowCpus(before);
  }
};

/** Which CPUs the calling thread may run on, as sched_getaffinity(2) says it. */
export const allowedCpus = (): Uint8Array => {
  const mask = new Uint8Array(MASK_BYTES);
  if (rawSyscall(numbersHere().get, 0, MASK_BYTES, mask) < 0) throw new Error("sched_getaffinity failed");
  return mask;
};

export const allowCpus = (mask: Uint8Array): void => {
  if (rawSyscall(numbersHere().set, 0, MASK_BYTES, mask) < 0) throw new Error("sched_setaffinity failed");
};

const numbersHere = (): { readonly get: number; readonly set: number } => {
  const call = numbers[process.arch];
  if (call === undefined) throw new Error(`no system call numbers for ${process.arch}`);
  return call;
};

const cpusOf = (mask: Uint8Array): number[] => {
  const cpus = [...mask].flatMap((byte, at) => BITS.filter((bit) => (byte >> bit) & 1).map((bit) => at * 8 + bit));
  if (cpus.length === 0) throw new Error("this thread may run on no CPU");
  return cpus;
};

const BITS = [0, 1, 2, 3, 4, 5, 6, 7];
