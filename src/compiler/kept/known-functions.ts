/** Functions whose behaviour this build of Hopmark, or JavaScript, fixes: the same arguments give the same result, always. */
import { atomicAdd, atomicLoad, atomicStore, compareExchange, exchange, fetchAdd } from "../../kernel/atomics.ts";
import { checksum, sumWords, updateChecksum } from "../../kernel/checksum.ts";
import { hash } from "../../kernel/hash.ts";
import { cpuId, monotonicNs, randomU32, taiNs, viewInto } from "../../kernel/helpers.ts";
import { range } from "../../kernel/range.ts";
import {
  cast,
  commInto,
  copyString,
  currentCgroupId,
  currentPid,
  currentTid,
  ipv4Of,
  ipv6Of,
  probeRead,
} from "../../kernel/tracing-helpers.ts";
import { ipv4, ipv6, mac } from "../../wire/address.ts";

/** What `hopmark/kernel` has for kernel functions, by name: a program that uses other functions of Hopmark is not kept. */
const vocabulary: Readonly<Record<string, Function>> = {
  atomicAdd,
  atomicLoad,
  atomicStore,
  cast,
  checksum,
  commInto,
  compareExchange,
  copyString,
  cpuId,
  currentCgroupId,
  currentPid,
  currentTid,
  exchange,
  fetchAdd,
  hash,
  ipv4,
  ipv4Of,
  ipv6,
  ipv6Of,
  mac,
  monotonicNs,
  probeRead,
  randomU32,
  range,
  sumWords,
  taiNs,
  updateChecksum,
  viewInto,
};

const names: ReadonlyMap<Function, string> = new Map(Object.entries(vocabulary).map(([name, fn]) => [fn, name]));

/** The name of a function that Hopmark has for kernel functions. */
export const vocabularyName = (fn: Function): string | undefined => names.get(fn);

/**
 * Whether a call made while compiling gives the same whenever it is made, going by the function. What else it calls are its
 * arguments: a function among them may do anything.
 */
export const isRepeatable = (fn: Function, args: readonly unknown[]): boolean =>
  !args.some((argument) => typeof argument === "function") && (names.has(fn) || (builtin ??= builtins()).has(fn));

let builtin: ReadonlySet<unknown> | undefined;

/** What of JavaScript's own a kernel function can name, but for what depends on chance or on the place. */
const builtins = (): ReadonlySet<unknown> => {
  const all = new Set<unknown>();
  for (const owner of [Object, Array, Number, BigInt, String, Boolean, Map, Set]) {
    all.add(owner);
    addMethods(all, owner);
    addMethods(all, owner.prototype);
  }
  addMethods(all, Math);
  return all;
};

const addMethods = (all: Set<unknown>, owner: object): void => {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
    if (typeof value === "function" && !/^(?:random|constructor|toLocale.*|localeCompare)$/.test(name)) all.add(value);
  }
};
