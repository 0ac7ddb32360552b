/** `union bpf_attr`: written by offset (include/uapi/linux/bpf.h), longer than any kernel's, its rest zero. */
import { addressOf } from "../../linux/ffi.ts";
import { OBJECT_NAME_BYTES } from "./constants.ts";

const ATTRIBUTES_BYTES = 168;

export class Attributes {
  readonly bytes = new Uint8Array(ATTRIBUTES_BYTES);
  readonly #view = new DataView(this.bytes.buffer);
  /** Memory the attributes point to: it lives as long as they do. */
  readonly #pointedTo: ArrayBufferView[] = [];

  u32(offset: number, value: number): this {
    this.#view.setUint32(offset, value, true);
    return this;
  }

  u64(offset: number, value: bigint): this {
    this.#view.setBigUint64(offset, value, true);
    return this;
  }

  pointer(offset: number, memory: ArrayBufferView): this {
    this.#pointedTo.push(memory);
    return this.u64(offset, addressOf(memory));
  }

  /** An object's name, cut at 15 bytes, with what the kernel refuses (all but letters, digits, `_` and `.`) as `_`. */
  name(offset: number, name: string): this {
    this.bytes.set(Buffer.from(objectName(name)), offset);
    return this;
  }

  /** What the kernel wrote back. */
  get(offset: number): number {
    return this.#view.getUint32(offset, true);
  }
}

/** The name the kernel keeps of a program or map. */
export const objectName = (name: string): string =>
  name.replaceAll(/[^A-Za-z0-9_.]/g, "_").slice(0, OBJECT_NAME_BYTES - 1);
