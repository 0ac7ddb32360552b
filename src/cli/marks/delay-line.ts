import { deviceText } from "../../follow/marks/report.ts";
import type { DevicesBy } from "../../follow/marks/devices-by.ts";
import type { EachDelay } from "../../follow/marks/mark-follower.ts";
import type { Output } from "../framework/output.ts";
import { duration } from "../picture/quantity.ts";

/** Prints a line for each packet that was seen at both ends. `baseSeconds`: the second from which times count; null: of no clock. */
export const delayLine =
  (output: Output, by: DevicesBy, baseSeconds: () => number | null): EachDelay =>
  ({ device, cpu }, seq, sentNs, delayNs) => {
    const base = baseSeconds();
    const sent = base === null ? null : String(BigInt(base) * 1_000_000_000n + BigInt(Math.round(sentNs)));
    const value = { type: "packet", device: deviceText(device, by), cpu, seq, sentNs: sent, delayNs };
    output.print(value, () => `cpu ${cpu}, seq ${seq}  ${duration(delayNs)}`);
  };
