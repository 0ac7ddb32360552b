/**
 * What a program cannot compute from its packet, its maps and its configuration. A test build reads it from a map with
 * one value of this layout, `simulate()` from an object of the same shape; in a real build each field is the kernel's
 * own helper.
 */
import { struct, u32, u64 } from "../wire/layout.ts";

export const Environment = struct("environment", {
  monotonicNs: u64,
  taiNs: u64,
  cpu: u32,
  random: u32,
  egressBacklog: u32,
});
