/** Structures of the kernel in V8: plain objects with the members that a program reads. */
import { HopmarkError } from "../../errors.ts";

/**
 * The object behind a guard: a member that was not given is an error and not `undefined`, nothing can be written. `name` is
 * how messages call it.
 */
export const kernelObject = (value: unknown, name: string): unknown => {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  const isArray = Array.isArray(value);
  // The guard stands before an empty shell: a proxy of a frozen object would have to hand out its members as they are.
  const guard: object = new Proxy(isArray ? [] : {}, {
    get: (_, key): unknown => {
      const member: unknown = Reflect.get(value, key);
      if (typeof key === "symbol" || (isArray && !/^\d+$/.test(key))) return member;
      if (member === undefined) throw notGiven(isArray ? `${name}[${key}]` : `${name}.${key}`, isArray);
      return kernelObject(member, isArray ? `${name}[${key}]` : `${name}.${key}`);
    },
    set: (_, key): boolean => {
      throw new HopmarkError("not-writable", `${name}.${String(key)} is the kernel's, and cannot be written`);
    },
  });
  guarded.set(guard, value);
  return guard;
};

const guarded = new WeakMap<object, object>();

/** The object that a guard stands before; undefined for other objects. */
export const behindGuard = (guard: object): object | undefined => guarded.get(guard);

const notGiven = (what: string, isElement: boolean): HopmarkError =>
  new HopmarkError("not-given", `${what} was not given to simulate()`, {
    hint: isElement
      ? "give the array as many elements as are read"
      : "add it to the objects in arguments; null for a pointer to nothing",
  });
