/** Waiting for what other CPUs are in the middle of. Source: membarrier(2). */
import { rawSyscall } from "./ffi.ts";
import { syscallNumber } from "./syscall-numbers.ts";

const MEMBARRIER_CMD_GLOBAL = 1;

/**
 * Returns when all that the kernel's readers (RCU) had begun is over: a packet that met a program before that was taken away.
 * Kernels that are built or booted otherwise refuse (`nohz_full`): it then returns at once.
 */
export const rcuBarrier = (): void => {
  rawSyscall(syscallNumber("membarrier"), MEMBARRIER_CMD_GLOBAL, 0, 0);
};
