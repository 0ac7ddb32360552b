/** Map descriptors: what a kernel map looks like, as data, with the methods a kernel function may call on it. */
import { struct, type FieldType, type Layout, type TypeOf } from "../wire/layout.ts";
import { HopmarkError } from "../errors.ts";
import { requireElement, requireEntries, requireInitial, requireRingBytes } from "./require-declared.ts";
import { runtime } from "./runtime.ts";

/** The kernel's names, lower case, without `BPF_MAP_TYPE_`. */
export type MapType =
  | "hash"
  | "lru_hash"
  | "percpu_hash"
  | "lru_percpu_hash"
  | "array"
  | "percpu_array"
  | "lpm_trie"
  | "ringbuf"
  | "prog_array"
  | "array_of_maps"
  | "hash_of_maps"
  | "devmap"
  | "devmap_hash"
  | "sk_storage";

/** A map's key or value: a layout, or one field, which reads as its own value (keys) or as `{ value }` (values). */
export type Element<T = unknown> = Layout<T> | (FieldType & { readonly kind: "integer" | "address" });

/** The JavaScript type of a key. */
export type KeyOf<E> = E extends Layout<infer T> ? T : TypeOf<E>;
/** The JavaScript type of a value. */
export type ValueOf<E> = E extends Layout<infer T> ? T : { value: TypeOf<E> };

/** What all maps have: a descriptor is data until a program that uses it is loaded or simulated. */
export interface MapDescriptor {
  readonly kind: "map";
  readonly type: MapType;
  /** At most 15 bytes reach the kernel. */
  readonly name: string;
  readonly keyElement: Element | null;
  /** What a lookup's view shows; null for ring buffers. */
  readonly valueLayout: Layout | null;
  /** Bytes, holes included. */
  readonly keySize: number;
  /** Bytes, holes included; of a per-CPU map, of one CPU's value. */
  readonly valueSize: number;
  /** Entries; bytes for a ring buffer. */
  readonly entries: number;
  /** Kernel flags beyond those the type implies (`BPF_F_NO_PREALLOC` for LPM tries is implied). */
  readonly flags: number;
  /** Value every entry of an array starts with; maps start zeroed without it. */
  readonly initial: unknown;
}

/** How large a map is, and what it is called. */
export interface MapOptions {
  /** At most so many, 1 to 2^32 - 1; an array has all of them from the start. */
  readonly entries: number;
  /** What bpftool and `hopmark run` call it; at most 15 bytes reach the kernel. The map's type without it. */
  readonly name?: string;
}

/** The same for hash maps, which can take their memory as it is needed. */
export interface HashMapOptions extends MapOptions {
  /**
   * Takes memory for an entry when it is added, not for all of them at the start: for maps declared much larger than they
   * get. Adding is slower, and may fail for want of memory.
   */
  readonly noPrealloc?: boolean;
}

/** `BPF_F_NO_PREALLOC`. */
export const NO_PREALLOC = 1;

export const sizeOfElement = (element: Element): number =>
  element.kind === "layout" ? element.size : element.bits / 8;

/** What a view of a map's value shows. */
export const asLayout = (element: Element): Layout =>
  element.kind === "layout" ? element : struct("value", { value: element });

/** Update flags, with the kernel's names. */
export const MapUpdate = { Any: 0, NoExist: 1, Exist: 2 } as const;

abstract class KeyedMap<K, V> implements MapDescriptor {
  readonly kind = "map";
  readonly type: MapType;
  readonly name: string;
  readonly keyElement: Element;
  readonly valueLayout: Layout;
  readonly keySize: number;
  readonly valueSize: number;
  readonly entries: number;
  readonly flags: number;
  readonly initial: unknown;
  /** Phantom: the JavaScript types of key and value. */
  declare readonly keyType?: K;
  declare readonly valueType?: V;

  constructor(type: MapType, key: Element, value: Element, options: HashMapOptions, initial?: unknown) {
    requireElement(type, "key", key);
    requireElement(type, "value", value);
    requireEntries(type, options);
    this.type = type;
    this.name = options.name ?? type;
    this.keyElement = key;
    this.valueLayout = asLayout(value);
    this.keySize = sizeOfElement(key);
    this.valueSize = this.valueLayout.size;
    this.entries = options.entries;
    this.flags = options.noPrealloc === true ? NO_PREALLOC : 0;
    this.initial = initial;
  }

  /** A live view of the value, or null. Arrays: null past the end. */
  lookup(key: K): V | null {
    return runtime().lookup(this, key) as V | null;
  }
}

/** A hash map: entries are added by `update` and removed by `delete`, here and in user space. */
export class HashMap<K, V> extends KeyedMap<K, V> {
  /** Writes a copy of `value`; false when the kernel refused (full, or `flags` not met). */
  update(key: K, value: V, flags: number = MapUpdate.Any): boolean {
    return runtime().update(this, key, value, flags);
  }

  /** False when there was no such key. */
  delete(key: K): boolean {
    return runtime().remove(this, key);
  }
}

/** A hash map that holds one value for each CPU; kernel functions see their own CPU's. */
export class PerCpuHashMap<K, V> extends HashMap<K, V> {
  readonly perCpu = true;
}

/** An array: its entries, numbered from 0, are all there from the start and stay. */
export class ArrayMap<V> extends KeyedMap<number, V> {}

/** An array that holds one value for each CPU; kernel functions see their own CPU's. */
export class PerCpuArrayMap<V> extends ArrayMap<V> {
  readonly perCpu = true;
}

/** A longest-prefix-match trie. Its key starts with `prefixLength: u32`, in bits of what follows. */
export class LpmTrie<K, V> extends KeyedMap<K, V> {}

/** Records to user space, in order, never blocking the packet: a full ring makes `reserve` null. */
export class RingBuffer implements MapDescriptor {
  readonly kind = "map";
  readonly type = "ringbuf";
  readonly name: string;
  readonly keyElement = null;
  readonly valueLayout = null;
  readonly keySize = 0;
  readonly valueSize = 0;
  readonly entries: number;
  readonly flags = 0;
  readonly initial = undefined;

  constructor(bytes: number, name: string) {
    this.entries = bytes;
    this.name = name;
  }

  /** Room for one record, zeroed by nobody: write every field. Submit or discard it exactly once on every path. */
  reserve<T>(layout: Layout<T>): T | null {
    return runtime().reserve(this, layout as Layout) as T | null;
  }

  /** Hands a reserved record to user space; the view is stale from then on. */
  submit(record: object): void {
    runtime().submit(this, record);
  }

  /** Gives a reserved record's room back, and user space never sees it; the view is stale from then on. */
  discard(record: object): void {
    runtime().discard(this, record);
  }

  /**
   * Copies the first `length` bytes behind a view into the ring, as one record: for records that are not all equally long.
   * `length` must be proven to lie in 0..the layout's size. False when the ring has no room.
   *
   *     const scratch = scratches.lookup(0); // a per-CPU array's value: { length: u32, bytes: array(u8, 256) }
   *     if (scratch === null || length > 256 || !ctx.loadInto(scratch, "bytes", 0, length)) return Tc.Next;
   *     scratch.length = ctx.packet.length;
   *     ring.output(scratch, 4 + length);
   *
   * Of a packet's view a copy is made on the stack (512 bytes) first, because the kernel takes it from nowhere else.
   */
  output(view: object, length: number): boolean {
    return runtime().output(this, view, length);
  }
}

/** A global variable: kernel functions read and write `value`; user space does through the running program. */
export class Variable<T> extends KeyedMap<number, { value: T }> {
  get value(): T {
    return (runtime().variable(this) as { value: T }).value;
  }

  set value(value: T) {
    (runtime().variable(this) as { value: T }).value = value;
  }
}

/**
 * A hash map. `update` of a new key fails when it is full.
 *
 *     export const sources = hashMap(struct("source", { address: ipv6Address }), u64, { entries: 1024, name: "sources" });
 */
export const hashMap = <K extends Element, V extends Element>(
  key: K,
  value: V,
  options: HashMapOptions,
): HashMap<KeyOf<K>, ValueOf<V>> => new HashMap("hash", key, value, options);

/** A hash map in which, when it is full, entries that were not used for long make room for new ones. */
export const lruHashMap = <K extends Element, V extends Element>(
  key: K,
  value: V,
  options: MapOptions,
): HashMap<KeyOf<K>, ValueOf<V>> => new HashMap("lru_hash", key, value, options);

/**
 * A hash map that holds one value for each CPU: counting in it needs no atomics, and user space adds the values up.
 */
export const perCpuHashMap = <K extends Element, V extends Element>(
  key: K,
  value: V,
  options: HashMapOptions,
): PerCpuHashMap<KeyOf<K>, ValueOf<V>> => new PerCpuHashMap("percpu_hash", key, value, options);

/** Holds one value for each CPU; when it is full, entries that were not used for long make room for new ones. */
export const lruPerCpuHashMap = <K extends Element, V extends Element>(
  key: K,
  value: V,
  options: MapOptions,
): PerCpuHashMap<KeyOf<K>, ValueOf<V>> => new PerCpuHashMap("lru_percpu_hash", key, value, options);

/** The key of arrays. */
export const indexElement: Element = { kind: "integer", bits: 32, order: "little", signed: false };

/** An array of `entries` values, zero at the start. */
export const arrayMap = <V extends Element>(value: V, options: MapOptions): ArrayMap<ValueOf<V>> =>
  new ArrayMap("array", indexElement, value, options);

/** An array that holds one value for each CPU in each entry, zero at the start. */
export const perCpuArrayMap = <V extends Element>(value: V, options: MapOptions): PerCpuArrayMap<ValueOf<V>> =>
  new PerCpuArrayMap("percpu_array", indexElement, value, options);

/**
 * A longest-prefix-match trie: `lookup` finds the longest prefix that holds the key. The bits that `prefixLength` counts start
 * right behind it, so a key has no hole there: a `struct` with an `ipv6Address` has one, a `header` has none. TypeError for a
 * key with a hole.
 *
 *     const Prefix = header("prefix", "", { prefixLength: u32, address: ipv6Address });
 *     const routes = lpmTrie(Prefix, u32, { entries: 256 });
 *     routes.lookup({ prefixLength: 128, address: ip.destination });
 */
export const lpmTrie = <K extends Layout, V extends Element>(
  key: K,
  value: V,
  options: MapOptions,
): LpmTrie<KeyOf<K>, ValueOf<V>> => {
  requirePrefix(key);
  return new LpmTrie("lpm_trie", key, value, options);
};

/** The kernel reads a key as a length and the bits behind it: anything else would be taken for those. */
const requirePrefix = (key: Layout): void => {
  const [first] = key.fields ?? [];
  if (
    first?.name !== "prefixLength" ||
    first.type.kind !== "integer" ||
    first.bits !== 32 ||
    first.type.order === "big"
  )
    throw new HopmarkError("not-declared", `${key.name}, the key of a trie, does not start with its length`, {
      hint: "let its first field be prefixLength: u32, and the address come behind it",
    });
  let end = 0;
  for (const field of key.fields) {
    if (field.bitOffset !== end)
      throw new HopmarkError(
        "not-declared",
        `${key.name}, the key of a trie, has a hole before ${field.name}, which would count as its bits`,
        { hint: "describe it with header(name, source, { … }) in place of struct(…)" },
      );
    end += field.bits;
  }
};

/** `bytes`: a power of two and a multiple of the page size; what is read from JavaScript has at most 1 GiB. */
export const ringBuffer = (options: { readonly bytes: number; readonly name?: string }): RingBuffer => {
  requireRingBytes((options as Partial<typeof options> | undefined)?.bytes);
  return new RingBuffer(options.bytes, options.name ?? "ringbuf");
};

/**
 * A global variable: the program reads and writes `value`, and so does user space while it runs.
 *
 *     const limit = variable(u32, 100, { name: "limit" });
 */
export const variable = <E extends FieldType & { readonly kind: "integer" }>(
  type: E,
  initial: TypeOf<E>,
  options: { readonly name?: string } = {},
): Variable<TypeOf<E>> => {
  requireInitial(type, initial);
  return new Variable(
    "array",
    indexElement,
    type,
    { entries: 1, name: options.name ?? "variable" },
    { value: initial },
  );
};
