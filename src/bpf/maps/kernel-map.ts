/** A map in the kernel, as bytes. Typed handles and batches stand on it. */
import { MapFlag } from "../../compiler/object/map-types.ts";
import { HopmarkError } from "../../errors.ts";
import type { MapDescriptor, MapType } from "../../kernel/maps.ts";
import { Errno, mmap, type Mapping } from "../../linux/ffi.ts";
import { Attributes, objectName } from "../sys/attributes.ts";
import { bpf, bpfError, tryBpf } from "../sys/bpf.ts";
import type { CommandName } from "../sys/constants.ts";
import { Descriptor } from "../sys/descriptor.ts";
import { mapInfo, type MapInfo } from "../sys/info.ts";
import { possibleCpus } from "./possible-cpus.ts";

/** How often a call that found a bucket locked is tried again. */
export const BUSY_ATTEMPTS = 64;

/**
 * Maps as bytes: write `key` (and `value`), call, read `value`. The two buffers belong to the map and are overwritten
 * by the next call of any kind on it; that is what makes a lookup cost its system call and nothing else.
 */
export class KernelMap {
  readonly descriptor: MapDescriptor;
  readonly name: string;
  readonly type: MapType;
  /** Values that a slot holds: one, or one for each possible CPU. */
  readonly cpus: number;
  /** Bytes from one CPU's value to the next one's. */
  readonly stride: number;
  readonly key: Uint8Array;
  /** One value, or all CPUs' at `stride` bytes each. */
  readonly value: Uint8Array;
  readonly #descriptor: Descriptor;
  #info: MapInfo | undefined;
  #calls: Calls | undefined;
  #memory: Mapping | undefined;

  /** Takes the descriptor `fd` over: it is closed with the map. */
  constructor(fd: number, descriptor: MapDescriptor) {
    this.#descriptor = new Descriptor(fd);
    this.descriptor = descriptor;
    this.name = objectName(descriptor.name);
    this.type = descriptor.type;
    const perCpu = isPerCpu(descriptor.type);
    this.cpus = perCpu ? possibleCpus() : 1;
    this.stride = perCpu ? Math.ceil(descriptor.valueSize / 8) * 8 : descriptor.valueSize;
    this.key = new Uint8Array(descriptor.keySize);
    this.value = new Uint8Array(this.stride * this.cpus);
  }

  /** Of the map, open until it is closed. */
  get fd(): number {
    return this.#descriptor.fd;
  }

  /** What the kernel says of it, asked once: a program that is only attached asks for nothing. */
  get info(): MapInfo {
    return (this.#info ??= mapInfo(this.fd));
  }

  /** Made with the first call: most of what a script declares it never reads before packets come. */
  get #made(): Calls {
    return (this.#calls ??= callsOf(this));
  }

  /** Reads the value under `key` into `value`; false when there is none. */
  lookup(): boolean {
    return this.#wasFound("MAP_LOOKUP_ELEM", this.#patiently("MAP_LOOKUP_ELEM", this.#made.element.u64(24, 0n)));
  }

  /** Like {@link lookup}, and removes it: in one step where the kernel can for this type (hash maps from 5.14 on). */
  take(): boolean {
    const result = this.#patiently("MAP_LOOKUP_AND_DELETE_ELEM", this.#made.element.u64(24, 0n));
    if (result === -Errno.ENOTSUPP || result === -Errno.EINVAL) return this.lookup() && this.delete();
    return this.#wasFound("MAP_LOOKUP_AND_DELETE_ELEM", result);
  }

  /**
   * Writes `value` under `key`. False when `flags` (`MapUpdate`) were not met.
   * @throws HopmarkError `map-full`, `map-busy`
   */
  update(flags: number): boolean {
    const result = this.tryUpdate(flags);
    if (result >= 0) return true;
    if (result === -Errno.EEXIST || (result === -Errno.ENOENT && flags === 2)) return false;
    throw this.error("MAP_UPDATE_ELEM", result);
  }

  /** Like {@link update}, but gives the kernel's answer: 0 or `-errno`. */
  tryUpdate(flags: number): number {
    return this.#patiently("MAP_UPDATE_ELEM", this.#made.element.u64(24, BigInt(flags)));
  }

  /** Removes what is under `key`; false when there was nothing. */
  delete(): boolean {
    return this.#wasFound("MAP_DELETE_ELEM", this.#patiently("MAP_DELETE_ELEM", this.#made.removal));
  }

  /** Moves `key` to the key after it, or to the first one; false at the end. A key that is gone starts from the first. */
  advance(from: "first" | "key"): boolean {
    const { first, next, nextKey } = this.#made;
    const result = tryBpf("MAP_GET_NEXT_KEY", from === "first" ? first : next);
    if (result === -Errno.ENOENT) return false;
    if (result < 0) throw this.error("MAP_GET_NEXT_KEY", result);
    this.key.set(nextKey);
    return true;
  }

  /** Nobody in user space may write any more, this handle's memory included; kernel programs still may. */
  freeze(): void {
    this.#memory?.unmap();
    this.#memory = undefined;
    bpf("MAP_FREEZE", new Attributes().u32(0, this.fd), `map ${this.name}`);
  }

  /**
   * The values of an array as memory, writable, `stride` rounded up to 8 bytes apart: reads and writes without system calls.
   * Undefined for other maps, frozen ones, and on kernels without mappable arrays.
   */
  memory(): ArrayBuffer | undefined {
    if (this.#memory !== undefined) return this.#memory.buffer;
    if ((this.info.flags & MapFlag.MMAPABLE) === 0) return undefined;
    const bytes = Math.ceil(this.stride / 8) * 8 * this.info.entries;
    try {
      this.#memory = mmap(this.fd, bytes, { write: true, object: `map ${this.name}` });
    } catch (error) {
      if (error instanceof HopmarkError && error.code === "EPERM") return undefined;
      throw error;
    }
    return this.#memory.buffer;
  }

  /** The error for a failed call on this map; `error` is the errno, whichever its sign. */
  error(command: CommandName, error: number): HopmarkError {
    const what = `map ${this.name}`;
    switch (Math.abs(error)) {
      case Errno.EPERM:
        return new HopmarkError("map-frozen", `${what} is read-only for user space`, {
          hint: "write before freeze(), or let a kernel program write",
        });
      case Errno.E2BIG:
      case Errno.ENOSPC:
        if (hasIndexes.has(this.type)) {
          return new HopmarkError("out-of-range", `${what} has indexes 0 to ${this.info.entries - 1}`);
        }
        return new HopmarkError("map-full", `${what} is full: it has room for ${this.info.entries} entries`, {
          hint: "remove entries, or declare the map with more",
        });
      case Errno.EINVAL:
        if (this.type !== "devmap" && this.type !== "devmap_hash") break;
        return new HopmarkError("no-device", `${what}: there is no such interface in this network namespace`, {
          hint: "set() in the interface's namespace: withNetns(netns, () => …)",
        });
      case Errno.EBUSY:
        return new HopmarkError("map-busy", `${what} stayed locked through ${BUSY_ATTEMPTS} attempts (${command})`, {
          hint: "try again: kernel programs are writing to it all the time",
        });
      default:
    }
    return bpfError(command, error, what);
  }

  /** Closes the descriptor and unmaps the memory: the map lives on where somebody else holds it. Twice is fine. */
  close(): void {
    this.#memory?.unmap();
    this.#memory = undefined;
    this.#descriptor.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #wasFound(command: CommandName, result: number): boolean {
    if (result === -Errno.ENOENT) return false;
    if (result < 0) throw this.error(command, result);
    return true;
  }

  #patiently(command: CommandName, attributes: Attributes): number {
    let result = tryBpf(command, attributes);
    for (let attempt = 1; result === -Errno.EBUSY && attempt < BUSY_ATTEMPTS; attempt++) {
      result = tryBpf(command, attributes);
    }
    return result;
  }
}

/** What the kernel is told with each call; all of it names the map's own buffers. */
interface Calls {
  readonly element: Attributes;
  readonly removal: Attributes;
  readonly first: Attributes;
  readonly next: Attributes;
  readonly nextKey: Uint8Array;
}

const callsOf = ({ fd, key, value }: KernelMap): Calls => {
  const nextKey = new Uint8Array(key.length);
  return {
    element: new Attributes().u32(0, fd).pointer(8, key).pointer(16, value),
    removal: new Attributes().u32(0, fd).pointer(8, key),
    first: new Attributes().u32(0, fd).pointer(16, nextKey),
    next: new Attributes().u32(0, fd).pointer(8, key).pointer(16, nextKey),
    nextKey,
  };
};

const hasIndexes: ReadonlySet<MapType> = new Set<MapType>([
  "array",
  "percpu_array",
  "prog_array",
  "array_of_maps",
  "devmap",
]);

export const isPerCpu = (type: MapType): boolean =>
  type === "percpu_hash" || type === "percpu_array" || type === "lru_percpu_hash";
