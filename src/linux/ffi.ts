/**
 * System calls from JavaScript: the only file that imports koffi.
 *
 * Everything here is synchronous and runs on the calling thread, in that thread's namespaces.
 */
import koffi from "koffi";
import { SyscallError } from "../errors.ts";
import type { ErrorDetails } from "../errors.ts";
import { Errno, errnoName } from "./errno.ts";
import { syscallNumber } from "./syscall-numbers.ts";
import type { SyscallName } from "./syscall-numbers.ts";

export { Errno, errnoName } from "./errno.ts";
export type { SyscallName } from "./syscall-numbers.ts";

/**
 * An argument: an integer (negative ones sign-extend to 64 bits), the memory of a view, or a null pointer.
 * A view passed directly stays alive for the call; memory that is only named by `addressOf` inside another
 * buffer does not, see there.
 */
export type SyscallArgument = number | bigint | ArrayBufferView | null;

type Syscall = (
  number: number,
  a: SyscallArgument,
  b: SyscallArgument,
  c: SyscallArgument,
  d: SyscallArgument,
  e: SyscallArgument,
  f: SyscallArgument,
) => number | bigint;

const pointer = "void *";
const libcSyscall: Syscall = koffi
  .load(null)
  .func("syscall", "long", ["long", pointer, pointer, pointer, pointer, pointer, pointer]);

/**
 * Make a system call by number (0.3 µs). Returns what the kernel returned, or `-errno`.
 * Interrupted calls are not restarted.
 */
export function rawSyscall(
  number: number,
  a: SyscallArgument = 0,
  b: SyscallArgument = 0,
  c: SyscallArgument = 0,
  d: SyscallArgument = 0,
  e: SyscallArgument = 0,
  f: SyscallArgument = 0,
): number {
  const result = Number(libcSyscall(number, a, b, c, d, e, f));
  // errno is the thread's: nothing may run between the call and this read
  return result === -1 ? -koffi.errno() : result;
}

/**
 * Make a system call by name; throws `SyscallError` with the call, the errno name and `object`
 * (what the call was about: a path, an interface, a map's name). Interrupted calls are restarted.
 */
export function syscall(name: SyscallName, object: string | undefined, ...args: readonly SyscallArgument[]): number {
  const number = syscallNumber(name);
  for (;;) {
    const result = rawSyscall(number, args[0], args[1], args[2], args[3], args[4], args[5]);
    if (result >= 0) return result;
    if (result !== -Errno.EINTR) throw syscallError(name, result, object);
  }
}

/** The error for a failed call; `error` is the errno, whichever its sign. */
export function syscallError(name: string, error: number, object?: string, details: ErrorDetails = {}): SyscallError {
  return new SyscallError(name, errnoName(error), object, details);
}

/**
 * The address of a view's first byte, for a pointer inside another structure (`bpf_attr`, `msghdr`).
 * The memory of an ArrayBuffer never moves, but it is freed when the last reference goes: the caller keeps the view
 * until the call is over by passing it to `keepAlive` after the call.
 */
export function addressOf(view: ArrayBufferView): bigint {
  return BigInt(koffi.address(view));
}

let _kept: readonly ArrayBufferView[] = [];

/**
 * Keep views referenced up to here, so that no garbage collection frees their memory before the call above has used it.
 * The last ones named stay referenced until the next `keepAlive`.
 */
export function keepAlive(...views: readonly ArrayBufferView[]): void {
  _kept = views;
}

export interface Mapping {
  /** The mapped memory. Writing to a mapping made without `write` kills the process (SIGSEGV). */
  readonly buffer: ArrayBuffer;
  /** Gives the memory back; `buffer` then reads as zeros and must not be written. Twice is fine. */
  unmap(): void;
}

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 0x01;
const MAP_PRIVATE = 0x02;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;

/**
 * Map `length` bytes of a descriptor at `offset` (both multiples of the page size), shared.
 * One ArrayBuffer stands for the whole mapping: cut it with typed arrays.
 */
export function mmap(
  fd: number,
  length: number,
  options: { readonly write?: boolean; readonly object?: string } = {},
  offset = 0,
): Mapping {
  const protection = options.write === true ? PROT_READ | PROT_WRITE : PROT_READ;
  const address = syscall("mmap", options.object, null, length, protection, MAP_SHARED, fd, offset);
  const buffer = koffi.view(address, length);
  let mapped = true;
  return {
    buffer,
    unmap() {
      if (!mapped) return;
      mapped = false;
      // The buffer cannot be detached, so a late read would crash. Empty pages take the place of the
      // mapping until the buffer is collected; until then its addresses are not handed out again either.
      const flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE;
      syscall("mmap", options.object, address, length, PROT_READ, flags, -1, 0);
      unreachable.register(buffer, { address, length });
    },
  };
}

const unreachable = new FinalizationRegistry<{ address: number; length: number }>(({ address, length }) => {
  syscall("munmap", undefined, address, length);
});

/** A NUL-terminated UTF-8 string, as system calls take paths and names. */
export function cString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`);
}

/** A function of a shared library: koffi converts its arguments and result by the types it was declared with. */
export type LibraryFunction = (...values: readonly unknown[]) => unknown;

export interface Library {
  /** A function with C's types: `func("strlen", "size_t", ["void *"])`. */
  func(name: string, result: string, parameters: readonly string[]): LibraryFunction;
}

/** The first of these shared libraries that is installed; undefined without any. */
export function openLibrary(names: readonly string[]): Library | undefined {
  for (const name of names) {
    try {
      const library = koffi.load(name);
      return { func: (symbol, result, parameters) => library.func(symbol, result, [...parameters]) as LibraryFunction };
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

/** Memory that belongs to a library: copy what must last. */
export function memoryAt(address: bigint, length: number): Uint8Array {
  return new Uint8Array(koffi.view(address, length));
}

/** Close a descriptor. Closing a closed one throws EBADF: it is a defect of the caller. */
export function close(fd: number): void {
  syscall("close", `descriptor ${fd}`, fd);
}

export interface Watch {
  /** Stop watching. Close the watch before its descriptor. Twice is fine. */
  close(): void;
  /** Let the process end while this watch is open. */
  unref(): void;
  ref(): void;
}

/**
 * Call `onReadable` on the main thread whenever a descriptor that epoll can watch (ring buffer map, eventfd, socket,
 * pidfd) is readable. Level-triggered: it is called again until the descriptor has been drained.
 * The descriptor becomes non-blocking. An exception in `onReadable` is an uncaught one of the process.
 */
export function watchReadable(fd: number, onReadable: () => void): Watch {
  let isOpen = true;
  const handle = koffi.node.poll(fd, { readable: true }, () => {
    if (!isOpen) return;
    try {
      onReadable();
    } catch (error) {
      setImmediate(rethrow, error);
      return;
    }
    // koffi calls back from inside libuv's poll phase, where nobody looks at promises and exceptions are lost: both are for the
    // immediate. The call itself is not, which would come tens of microseconds later; nor does it wait for the immediate to be made.
    setImmediate(nothing);
  });
  const watch: Watch = {
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      handle.close();
      watches.delete(watch);
    },
    unref: () => handle.unref(),
    ref: () => handle.ref(),
  };
  watches.add(watch);
  return watch;
}

const nothing = (): void => {};

const rethrow = (error: unknown): never => {
  throw error;
};

/** Open watches: koffi's handle closes itself when it is collected, so something must hold it. */
const watches = new Set<Watch>();
