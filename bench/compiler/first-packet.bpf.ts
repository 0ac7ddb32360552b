/** When the first packet came, on the monotonic clock. */
import { Xdp, monotonicNs, u64, variable, xdp } from "hopmark/kernel";

export const firstNs = variable(u64, 0n, { name: "first_ns" });

export const noteFirst = xdp(() => {
  if (firstNs.value === 0n) firstNs.value = monotonicNs();
  return Xdp.Pass;
});
