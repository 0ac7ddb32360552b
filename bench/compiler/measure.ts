/** Time of a program by TEST_RUN. */
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";

/**
 * ns a packet, by this process' CPU time: what else runs on the machine does not count, and the kernel's own answer is a
 * whole number.
 */
export const nsPerPacket = (program: LoadedProgram, packet: Uint8Array, repeat: number): number => {
  const before = process.cpuUsage();
  program.testRun(packet, { repeat });
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / repeat;
};
