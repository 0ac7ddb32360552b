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

/** Packets of a burst: of a tenth of a millisecond, that nothing interrupts most times. */
const BURST = 2000;

/** ns a packet of a short burst, by the clock: of many, those that something disturbed are the longer ones. */
export const nsInBurst = (program: LoadedProgram, packet: Uint8Array): number => {
  const before = process.hrtime.bigint();
  program.testRun(packet, { repeat: BURST });
  return Number(process.hrtime.bigint() - before) / BURST;
};
