/** Whether a packet is hit: a pure function of the pattern, the seed and the packet's number, in the kernel and in V8. */
import { hash } from "../../kernel/hash.ts";
import type { Pattern } from "./pattern.ts";

/** What is done to packets. Numbers, because they go into records. */
export const Harm = { Loss: 0, Duplicate: 1, Reorder: 2, Delay: 3 } as const;

const SHARE_BITS = 53;

/** `harm` keeps the choices of several patterns under one seed apart. */
export const isHit = (pattern: Pattern, seed: bigint, harm: number, index: bigint): boolean => {
  if (pattern.kind === "share") {
    const block = pattern.run === 1 ? index : index / BigInt(pattern.run);
    // The lowest bits are mixed least.
    return hash(seed, harm, block) >> BigInt(64 - SHARE_BITS) < BigInt(Math.round(pattern.share * 2 ** SHARE_BITS));
  }
  if (pattern.kind === "every") {
    const from = BigInt(pattern.from);
    return index >= from && BigInt.asUintN(64, index - from) % BigInt(pattern.every) < BigInt(pattern.run);
  }
  for (const [first, last] of pattern.ranges) {
    if (index >= BigInt(first) && index <= BigInt(last)) return true;
  }
  return false;
};
