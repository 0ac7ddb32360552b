/** Calls of methods that are not there, and of JavaScript's own that a kernel program cannot run. */
import { instead } from "../nearest.ts";
import { intrinsics } from "./intrinsics/index.ts";
import { isStatic, type Value } from "./values.ts";

/** What the object has that a kernel program can call. */
const callable = (object: object): string[] => {
  const names = new Set<string>();
  for (
    let owner: object | null = object;
    owner !== null && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  )
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner)))
      if (typeof value === "function" && intrinsics.has(value)) names.add(name);
  return [...names];
};

/** What user space, or a JavaScript Map, calls it. */
const elsewhere: Readonly<Record<string, readonly [method: string, advice: string]>> = {
  get: ["lookup", "kernel functions look up with lookup(key)"],
  has: ["lookup", "kernel functions ask lookup(key) !== null"],
  set: ["update", "kernel functions write with update(key, value)"],
  remove: ["delete", "kernel functions remove with delete(key)"],
  push: ["reserve", "kernel functions ask for a record with reserve(layout) and hand it over with submit(record)"],
};

/** Why `object.name(…)` is refused: the object has no such method. Undefined for what has no methods of the kernel's. */
export const noSuchMethod = (object: Value, text: string, name: string): string | undefined => {
  const value = isStatic(object) ? object.value : undefined;
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  const names = callable(value);
  if (names.length === 0) return undefined;
  const [method, advice] = (Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined) ?? [];
  if (method !== undefined && names.includes(method)) return `${text} has no method ${name}; ${advice}`;
  return `${text} has no method ${name}${instead(name, names)}`;
};

/** Why a function without source is refused when it is called with run-time values. */
export const noSource = (callee: { readonly name: string }, receiver: Value): string => {
  const object = isStatic(receiver) ? receiver.value : undefined;
  const name = callee.name === "" ? "this function" : callee.name;
  if (object instanceof Map || object instanceof Set || object instanceof WeakMap || object instanceof WeakSet) {
    const made = object instanceof Map || object instanceof WeakMap ? "Map" : "Set";
    return `${name} of a JavaScript ${made} takes only what is known while compiling; keep what is looked up at run time in a hashMap(…), or go over the ${made} with for..of`;
  }
  if (Array.isArray(object))
    return `${name} of a JavaScript array takes only what is known while compiling; go over the array with for..of, or keep it in an arrayMap(…) or hashMap(…)`;
  if (callee === Object.assign)
    return "Object.assign takes only what is known while compiling; assign the fields one by one";
  const instead = mathAdvice.get(callee);
  if (instead !== undefined) return `${name} has no whole result; ${instead}`;
  if (isNative(callee))
    return `${name} is JavaScript's own and takes only what is known while compiling; write it out as a function of a .bpf.ts module`;
  return `${name} is called with run-time values, but its source is not known; put it into a .bpf.ts module`;
};

const mathAdvice: ReadonlyMap<unknown, string> = new Map([
  [Math.log2, "31 - Math.clz32(n) is what Math.floor(Math.log2(n)) would be, for n of 1 to 2^32 - 1"],
  [Math.sqrt, "compare squares: a * a < b"],
  [Math.hypot, "compare squares: a * a + b * b < c * c"],
]);

const isNative = (fn: unknown): boolean =>
  typeof fn === "function" && Function.prototype.toString.call(fn).endsWith("{ [native code] }");
