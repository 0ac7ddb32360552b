/** Packets at their times: the kernel would send a batch of live frames at once. */
import { monotonicNs } from "../../src/kernel/helpers.ts";
import { variable } from "../../src/kernel/maps.ts";
import { range } from "../../src/kernel/range.ts";
import { u64 } from "../../src/wire/layout.ts";

/** When the next packet may go, and how long after it the one behind: ns, of the monotonic clock. */
export const nextNs = variable(u64, 0n, { name: "next_ns" });
export const spacingNs = variable(u64, 0n, { name: "spacing_ns" });

/** Looks at the clock while a packet waits for its time: more than a spacing has. */
const LOOKS = 2000;

/** Waits for the packet's time. What is late by more than `catchUpNs` makes those behind it later, too. */
export const pace = (catchUpNs = 0n): void => {
  let now = monotonicNs();
  for (const _ of range(0, LOOKS)) {
    if (now >= nextNs.value) break;
    now = monotonicNs();
  }
  const from = now > BigInt.asUintN(64, nextNs.value + catchUpNs) ? now : nextNs.value;
  nextNs.value = from + spacingNs.value;
};
