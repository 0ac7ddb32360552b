/**
 * What declares something. A kernel function that is compiled calls it once, a function that V8 runs each time: what one run
 * leaves in such a map, the next would find in the kernel only.
 */
import { devMap, devMapHash } from "../../kernel/dev-map.ts";
import { arrayOfMaps, hashOfMaps } from "../../kernel/map-of-maps.ts";
import {
  arrayMap,
  hashMap,
  lpmTrie,
  lruHashMap,
  lruPerCpuHashMap,
  perCpuArrayMap,
  perCpuHashMap,
  ringBuffer,
  variable,
} from "../../kernel/maps.ts";
import { programArray } from "../../kernel/program-array.ts";
import { skStorage } from "../../kernel/socket-storage.ts";

/** By function: what it does, in words. */
const declaring: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  ...Object.entries({
    arrayMap,
    arrayOfMaps,
    devMap,
    devMapHash,
    hashMap,
    hashOfMaps,
    lpmTrie,
    lruHashMap,
    lruPerCpuHashMap,
    perCpuArrayMap,
    perCpuHashMap,
    programArray,
    skStorage,
  }).map(([name, fn]) => [fn, `${name}(…) declares a map`] as const),
  [ringBuffer, "ringBuffer(…) declares a ring"],
  [variable, "variable(…) declares what user space shares"],
]);

/** Why the call is refused; undefined for a function that declares nothing. */
export const declaresInFunction = (callee: unknown): string | undefined => {
  const what = declaring.get(callee);
  if (what === undefined) return undefined;
  const instead = callee === variable ? "; write let for what one run needs, or move it there" : "; move it there";
  return `${what}, which belongs to the module's top level${instead}`;
};
