/** The running kernel's own types, from /sys/kernel/btf/vmlinux. */
import { readFileSync } from "node:fs";
import { BtfKind } from "../../compiler/object/btf-kind.ts";
import type { KernelField, KernelShape, KernelTypeKind, KernelTypes } from "../../compiler/kernel-types.ts";
import { HopmarkError, UnsupportedError } from "../../errors.ts";
import { declaration } from "./declaration.ts";
import { shapeOf } from "./shape.ts";
import { BtfTypeTable } from "./type-table.ts";

/** Where the running kernel shows its types. */
export const VMLINUX_BTF = "/sys/kernel/btf/vmlinux";

const unreadable = (path: string, cause: unknown): HopmarkError =>
  new HopmarkError("btf", `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    hint: "it is not what the kernel shows there: look for something mounted over it (findmnt), and for the file's rights",
    cause,
  });

const MODIFIERS: readonly number[] = [
  BtfKind.TYPEDEF,
  BtfKind.VOLATILE,
  BtfKind.CONST,
  BtfKind.RESTRICT,
  BtfKind.TYPE_TAG,
];
const STRUCTURES: readonly number[] = [BtfKind.STRUCT, BtfKind.UNION];
const KINDS: Readonly<Record<KernelTypeKind, readonly number[]>> = {
  struct: STRUCTURES,
  func: [BtfKind.FUNC],
  typedef: [BtfKind.TYPEDEF],
};
const POINTER_BYTES = 8;

/** A member of a structure, bit fields included. */
export interface BtfField {
  /** From the start of the outer structure, least significant bit first. */
  readonly bitOffset: number;
  /** Bits of a bit field; 0 for whole bytes. */
  readonly bitFieldBits: number;
  /** Bytes of the member's type. */
  readonly sizeBytes: number;
  /** Number of the member's type in the kernel's type information. */
  readonly typeId: number;
  /** Name of the structure it points to. */
  readonly pointee: string | null;
}

interface Member {
  readonly type: number;
  readonly bitOffset: number;
  readonly bitFieldBits: number;
}

/** Type information of a kernel: structures, their members, functions. Found by name, as C names them. */
export class KernelBtf implements KernelTypes {
  readonly #table: BtfTypeTable;
  readonly #ids = new Map<string, number | undefined>();
  readonly #shapes = new Map<number, KernelShape>();

  constructor(blob: Uint8Array) {
    this.#table = new BtfTypeTable(blob);
  }

  /** @throws UnsupportedError when the kernel was built without CONFIG_DEBUG_INFO_BTF */
  static read(path: string = VMLINUX_BTF): KernelBtf {
    try {
      return new KernelBtf(readFileSync(path));
    } catch (cause) {
      if (!(cause instanceof Error && "code" in cause && cause.code === "ENOENT")) throw unreadable(path, cause);
      throw new UnsupportedError("btf", `this kernel carries no type information (${path} is missing)`, {
        hint: "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as the distributions' are",
        cause,
      });
    }
  }

  typeId(kind: KernelTypeKind, name: string): number | undefined {
    const key = `${kind} ${name}`;
    if (!this.#ids.has(key)) this.#ids.set(key, this.#table.find(KINDS[kind], name));
    return this.#ids.get(key);
  }

  shape(type: number): KernelShape {
    let shape = this.#shapes.get(type);
    if (shape === undefined) this.#shapes.set(type, (shape = shapeOf(this.#table, type)));
    return shape;
  }

  names(kind: KernelTypeKind): readonly string[] {
    return this.#table.names(KINDS[kind]).sort();
  }

  /** A type as C writes it, around `name`: `struct sock *sk`. */
  declaration(type: number, name = ""): string {
    return declaration(this.#table, type, name);
  }

  size(struct: string): number | undefined {
    const id = this.typeId("struct", struct);
    return id === undefined ? undefined : this.#sizeOf(id);
  }

  /** Undefined, too, for a bit field that is no whole bytes: ask {@link bitField}. */
  field(struct: string, path: string): KernelField | undefined {
    const found = this.bitField(struct, path);
    if (found === undefined || found.bitFieldBits % 8 !== 0 || found.bitOffset % 8 !== 0) return undefined;
    return {
      offsetBytes: found.bitOffset / 8,
      sizeBytes: found.bitFieldBits === 0 ? found.sizeBytes : found.bitFieldBits / 8,
      pointee: found.pointee,
    };
  }

  /** A member by its path (`cb`, `__dev_addr.list`); members of unnamed structures and unions are found as in C. */
  bitField(struct: string, path: string): BtfField | undefined {
    let type = this.typeId("struct", struct);
    let bitOffset = 0;
    let bitFieldBits = 0;
    for (const name of path.split(".")) {
      const text = this.#table.findText(name);
      if (type === undefined || text === undefined || !STRUCTURES.includes(this.#table.kind(type))) return undefined;
      const member = this.#member(type, text);
      if (member === undefined) return undefined;
      type = this.#resolve(member.type);
      bitOffset += member.bitOffset;
      bitFieldBits = member.bitFieldBits;
    }
    if (type === undefined) return undefined;
    return { bitOffset, bitFieldBits, sizeBytes: this.#sizeOf(type), typeId: type, pointee: this.#pointee(type) };
  }

  #member(struct: number, name: number): Member | undefined {
    const table = this.#table;
    const flagged = table.kindFlag(struct);
    const first = (table.at[struct] ?? 0) + 3;
    for (let index = 0; index < table.length(struct); index++) {
      const at = first + index * 3;
      const type = table.words[at + 1] ?? 0;
      const packed = table.words[at + 2] ?? 0;
      const bitOffset = flagged ? packed & 0xff_ffff : packed;
      if (table.words[at] === name) return { type, bitOffset, bitFieldBits: flagged ? packed >>> 24 : 0 };
      if (table.words[at] !== 0) continue;
      const inner = this.#resolve(type);
      if (!STRUCTURES.includes(table.kind(inner))) continue;
      const found = this.#member(inner, name);
      if (found !== undefined) return { ...found, bitOffset: bitOffset + found.bitOffset };
    }
    return undefined;
  }

  #resolve(type: number): number {
    let id = type;
    while (MODIFIERS.includes(this.#table.kind(id))) id = this.#table.sizeOrType(id);
    return id;
  }

  #sizeOf(type: number): number {
    const id = this.#resolve(type);
    switch (this.#table.kind(id)) {
      case BtfKind.PTR:
        return POINTER_BYTES;
      case BtfKind.ARRAY: {
        const at = (this.#table.at[id] ?? 0) + 3;
        return this.#sizeOf(this.#table.words[at] ?? 0) * (this.#table.words[at + 2] ?? 0);
      }
      default:
        return this.#table.sizeOrType(id);
    }
  }

  #pointee(type: number): string | null {
    if (this.#table.kind(type) !== BtfKind.PTR) return null;
    const target = this.#resolve(this.#table.sizeOrType(type));
    return STRUCTURES.includes(this.#table.kind(target)) ? this.#table.name(target) : null;
  }
}

let running: KernelBtf | undefined;

/** The types of the kernel we run on, read once. */
export const kernelBtf = (): KernelBtf => (running ??= KernelBtf.read());
