/** Writes the BPF Type Format: a type table and a string table behind a header. */
import { BTF_HEADER_BYTES, BTF_MAGIC, BtfKind } from "./btf-kind.ts";

/** A member of a structure; `bitOffset` counts from the structure's first byte, least significant bit first. */
export interface BtfMember {
  readonly name: string;
  readonly type: number;
  readonly bitOffset: number;
  /** 0 for an ordinary member. */
  readonly bitFieldBits: number;
}

export interface BtfParameter {
  readonly name: string;
  readonly type: number;
}

/** A variable within a section; functions without a body have no place in theirs: both numbers are 0. */
export interface BtfSectionEntry {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

const LINKAGE = { static: 0, global: 1, extern: 2 } as const;
const SIGNED = 1;
const KIND_FLAG = 0x8000_0000;

/** A C identifier as the kernel demands for names of types: other characters become `_`. */
export const identifier = (name: string): string => {
  const clean = name.replaceAll(/[^A-Za-z0-9_]/g, "_").slice(0, 127);
  return clean === "" || /^[0-9]/.test(clean) ? `_${clean}` : clean;
};

/** Types get ids from 1 on, in the order they are added; equal types are added once, structures excepted. */
export class BtfBuilder {
  readonly #words: number[] = [];
  #types = 0;
  readonly #known = new Map<string, number>();
  readonly #strings = new Map<string, number>([["", 0]]);
  #stringBytes = 1;
  readonly #encoder = new TextEncoder();

  /** Offset of a text in the string table. */
  string(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const offset = this.#stringBytes;
    this.#strings.set(text, offset);
    this.#stringBytes += this.#encoder.encode(text).length + 1;
    return offset;
  }

  #add(name: string, kind: number, infoLow: number, sizeOrType: number, rest: readonly number[]): number {
    this.#words.push(this.string(name), ((kind << 24) | infoLow) >>> 0, sizeOrType, ...rest);
    return ++this.#types;
  }

  #once(name: string, kind: number, infoLow: number, sizeOrType: number, rest: readonly number[]): number {
    const key = [name, kind, infoLow, sizeOrType, ...rest].join(" ");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = this.#add(name, kind, infoLow, sizeOrType, rest);
    this.#known.set(key, id);
    return id;
  }

  int(name: string, bits: number, signed: boolean): number {
    return this.#once(name, BtfKind.INT, 0, Math.ceil(bits / 8), [((signed ? SIGNED : 0) << 24) | bits]);
  }

  pointer(type: number): number {
    return this.#once("", BtfKind.PTR, 0, type, []);
  }

  typedef(name: string, type: number): number {
    return this.#once(identifier(name), BtfKind.TYPEDEF, 0, type, []);
  }

  array(element: number, length: number): number {
    const index = this.int("unsigned int", 32, false);
    return this.#once("", BtfKind.ARRAY, 0, 0, [element, index, length]);
  }

  /** Members in any order: the kernel wants them by offset. Without a name it is anonymous. */
  struct(name: string, size: number, members: readonly BtfMember[]): number {
    const sorted = members.toSorted((a, b) => a.bitOffset - b.bitOffset);
    const rest = sorted.flatMap((member) => [
      this.string(identifier(member.name)),
      member.type,
      ((member.bitFieldBits << 24) | member.bitOffset) >>> 0,
    ]);
    const typeName = name === "" ? "" : identifier(name);
    return this.#add(typeName, BtfKind.STRUCT, (KIND_FLAG | sorted.length) >>> 0, size, rest);
  }

  functionPrototype(result: number, parameters: readonly BtfParameter[]): number {
    const rest = parameters.flatMap((parameter) => [this.string(identifier(parameter.name)), parameter.type]);
    return this.#once("", BtfKind.FUNC_PROTO, parameters.length, result, rest);
  }

  function(name: string, prototype: number, linkage: keyof typeof LINKAGE): number {
    return this.#add(identifier(name), BtfKind.FUNC, LINKAGE[linkage], prototype, []);
  }

  /** A global variable that has its bytes in this object. */
  variable(name: string, type: number): number {
    return this.#add(identifier(name), BtfKind.VAR, 0, type, [LINKAGE.global]);
  }

  /** An ELF section, by its own name. Entries in any order: the kernel wants them by offset. */
  section(name: string, size: number, entries: readonly BtfSectionEntry[]): number {
    const sorted = entries.toSorted((a, b) => a.offset - b.offset);
    const rest = sorted.flatMap((entry) => [entry.type, entry.offset, entry.size]);
    return this.#add(name, BtfKind.DATASEC, sorted.length, size, rest);
  }

  build(): Uint8Array {
    const typeBytes = this.#words.length * 4;
    const bytes = new Uint8Array(BTF_HEADER_BYTES + typeBytes + this.#stringBytes);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, BTF_MAGIC, true);
    view.setUint8(2, 1);
    view.setUint32(4, BTF_HEADER_BYTES, true);
    view.setUint32(12, typeBytes, true);
    view.setUint32(16, typeBytes, true);
    view.setUint32(20, this.#stringBytes, true);
    this.#words.forEach((word, index) => view.setUint32(BTF_HEADER_BYTES + index * 4, word, true));
    for (const [text, offset] of this.#strings) {
      this.#encoder.encodeInto(text, bytes.subarray(BTF_HEADER_BYTES + typeBytes + offset));
    }
    return bytes;
  }
}
