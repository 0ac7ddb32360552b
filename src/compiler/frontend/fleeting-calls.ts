/**
 * Calls that mean something else each time they are made: of clocks, of chance, and of what keeps a state. A function whose
 * source is not known runs while compiling, once; V8 calls it for each packet.
 */
import { isDeepStrictEqual } from "node:util";

const clocks = "monotonicNs() and taiNs() tell the time";
const chance = "randomU32() gives 32 random bits each time";

/** JavaScript's own clocks and Node's; `performance` and `crypto`, which Node.js takes milliseconds to load, are asked for by names. */
const ownClocks: ReadonlySet<unknown> = new Set([
  Date,
  Date.now,
  process.hrtime,
  process.hrtime.bigint,
  process.uptime,
]);

/** Why a function may not be called in a kernel function; undefined when it may. */
export const isFleeting = (fn: Function): string | undefined => {
  if (ownClocks.has(fn) || (fn.name === "now" && fn === performance.now)) return onceOnly(fn, clocks);
  return /^(?:random|getRandomValues$)/.test(fn.name) ? onceOnly(fn, chance) : undefined;
};

/** Why a call is refused whose result nobody uses: it was made for what it does. */
export const hasEffectOnly = (fn: Function): string =>
  onceOnly(fn, "put what there is to tell into a ring buffer record");

/** The same of a call that gave one result, and another when it was made again. */
export const isOtherEachTime = (fn: Function, one: unknown, other: unknown): string | undefined =>
  isDeepStrictEqual(one, other) ? undefined : onceOnly(fn, "keep what changes in a variable(…) or a map");

const onceOnly = ({ name }: Function, instead: string): string =>
  `${name === "" ? "this function" : `${name}()`} would be called once, while compiling; ${instead}, or call it at the module's top level`;
