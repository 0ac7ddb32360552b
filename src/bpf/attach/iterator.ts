/** Iterators: user space reads, and the kernel runs the program for each of its objects. */
import { closeSync, readSync } from "node:fs";
import { HopmarkError } from "../../errors.ts";
import { Errno } from "../../linux/ffi.ts";
import type { Netns } from "../../linux/netns.ts";
import { withNetns } from "../../linux/with-netns.ts";
import { readLayout } from "../../wire/codec.ts";
import type { Layout } from "../../wire/layout.ts";
import { Attributes } from "../sys/attributes.ts";
import { bpfError, NEEDED_TO_TRACE, tryBpf } from "../sys/bpf.ts";
import { AttachType } from "../sys/constants.ts";
import { Descriptor } from "../sys/descriptor.ts";
import type { Attachable } from "./attachment.ts";

/** What an iterator walks, where its kind leaves that open. */
export interface IteratorAttachOptions {
  /** The map whose elements are walked, for `bpf_map_elem` and `sockmap`. */
  readonly map?: { readonly fd: number };
}

/** Where an iterator walks. */
export interface IteratorReadOptions {
  /** Whose sockets, routes … are walked, where the kind belongs to a namespace; the calling thread's without it. */
  readonly netns?: Netns;
}

/** A program that can be read: each reading walks the kernel's objects anew. */
export class KernelIterator {
  readonly name: string;
  readonly #descriptor: Descriptor;
  readonly #layout: Layout | undefined;

  /** `layout`: of what the program writes. */
  constructor(name: string, fd: number, layout: Layout | undefined) {
    this.name = name;
    this.#descriptor = new Descriptor(fd);
    this.#layout = layout;
  }

  /** The records that the program writes, walking all there is. They must be of the layout that it writes. */
  read<T>(layout: Layout<T>, options: IteratorReadOptions = {}): T[] {
    if (this.#layout !== undefined && this.#layout !== (layout as Layout))
      throw new HopmarkError("layout", `iterator ${this.name} writes ${this.#layout.name}, not ${layout.name}`);
    const bytes = this.readBytes(options);
    const records: T[] = [];
    for (let at = 0; at + layout.size <= bytes.length; at += layout.size) records.push(readLayout(layout, bytes, at));
    return records;
  }

  /** The same as bytes. */
  readBytes({ netns }: IteratorReadOptions = {}): Uint8Array {
    const fd = this.#open(netns);
    try {
      return readAll(fd);
    } finally {
      closeSync(fd);
    }
  }

  /** Twice is fine. */
  close(): void {
    this.#descriptor.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(netns: Netns | undefined): number {
    const create = (): number => tryBpf("ITER_CREATE", new Attributes().u32(0, this.#descriptor.fd));
    const result = netns === undefined ? create() : withNetns(netns, create);
    if (result < 0) throw bpfError("ITER_CREATE", result, `iterator ${this.name}`, NEEDED_TO_TRACE);
    return result;
  }
}

/** Makes a program of `iterator()` readable. @throws HopmarkError `iterator` where its kind wants a map; PermissionError */
export const attachIterator = (
  program: Attachable,
  layout: Layout | undefined,
  { map }: IteratorAttachOptions = {},
): KernelIterator => {
  const attributes = new Attributes().u32(0, program.fd).u32(8, AttachType.TRACE_ITER);
  if (map !== undefined) {
    const info = Uint32Array.of(map.fd, 0, 0, 0);
    attributes.pointer(16, info).u32(24, info.byteLength);
  }
  const result = tryBpf("LINK_CREATE", attributes);
  if (result >= 0) return new KernelIterator(program.name, result, layout);
  if (map === undefined && (result === -Errno.EBADF || result === -Errno.EINVAL)) {
    throw new HopmarkError("iterator", `iterator ${program.name} walks the elements of a map: say of which`, {
      hint: "attachIterator({ map: loaded.rawMap(descriptor) })",
    });
  }
  throw bpfError("LINK_CREATE", result, `iterator ${program.name}`, NEEDED_TO_TRACE);
};

const CHUNK_BYTES = 1 << 16;

const readAll = (fd: number): Uint8Array => {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = readSync(fd, chunk);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, length));
  }
};
