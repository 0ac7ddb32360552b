import type { ProgramType } from "../kernel/program.ts";
/** A member of a kernel structure, as the running kernel lays it out. */
export interface KernelField {
  /** From the start of the outer structure. */
  readonly offsetBytes: number;
  /** Bytes of the member; 0 of an array without a length. */
  readonly sizeBytes: number;
  /** Name of the structure it points to; null when it is no pointer to a structure. */
  readonly pointee: string | null;
}

export type KernelTypeKind = "struct" | "func" | "typedef";

/** What a kernel type is, names for types (typedefs), `const` and their like looked through. */
export type KernelShape = KernelInteger | KernelStructure | KernelArray | KernelPointer | KernelFunction | KernelOther;

/** Integers of 1 to 8 bytes; enumerations, too. */
export interface KernelInteger {
  readonly kind: "integer";
  readonly sizeBytes: 1 | 2 | 4 | 8;
  readonly isSigned: boolean;
  /** C's `bool`. */
  readonly isBoolean: boolean;
  /** Declared by a name for network order: `__be16`, `__be32`, `__be64`. */
  readonly isBigEndian: boolean;
}

/** A structure or union; `name` is empty where it has none. */
export interface KernelStructure {
  readonly kind: "structure";
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly members: readonly KernelMember[];
}

/** A member; `name` is empty for an unnamed structure or union, whose members read as the outer one's. */
export interface KernelMember {
  readonly name: string;
  /** BTF id. */
  readonly type: number;
  /** From the start of the structure, least significant bit first. */
  readonly bitOffset: number;
  /** Bits of a bit field; 0 for whole bytes. */
  readonly bitFieldBits: number;
}

export interface KernelArray {
  readonly kind: "array";
  /** BTF id. */
  readonly element: number;
  readonly length: number;
  readonly sizeBytes: number;
}

export interface KernelPointer {
  readonly kind: "pointer";
  /** BTF id of what it points to; 0 for `void`. */
  readonly target: number;
}

export interface KernelFunction {
  readonly kind: "function";
  readonly parameters: readonly { readonly name: string; readonly type: number }[];
}

/** `void`, structures that are declared only, floating point, integers of 16 bytes. */
export interface KernelOther {
  readonly kind: "other";
}

/**
 * What the compiler may ask about the running kernel. It never reads the kernel itself: whoever compiles for a kernel
 * passes the answers in (`bpf/btf` reads them from /sys/kernel/btf/vmlinux).
 */
export interface KernelTypes {
  /** `field("sk_buff", "dev")`; `path` may descend into embedded structures with dots. Undefined when there is none. */
  field(struct: string, path: string): KernelField | undefined;
  /** A bit field: bits from the start of the structure, least significant bit first; `bitFieldBits` is 0 for whole bytes. */
  bitField(struct: string, path: string): { readonly bitOffset: number; readonly bitFieldBits: number } | undefined;
  /** Bytes of a structure. Undefined when there is none. */
  size(struct: string): number | undefined;
  /** BTF id of a structure, of a function that programs may be able to call, or of a name for a type. */
  typeId(kind: KernelTypeKind, name: string): number | undefined;
  /** Whether programs of a type may call a helper, by its number in linux/bpf.h. Without it nothing is known of helpers. */
  hasHelper?(type: ProgramType, helper: number): boolean;
  /** What the type with this BTF id is. */
  shape(type: number): KernelShape;
  /** All names of a kind, sorted: for suggestions. */
  names(kind: KernelTypeKind): readonly string[];
}

/** Bytes that a value of this shape takes; 0 for what has none. */
export const sizeOfShape = (shape: KernelShape): number => {
  if (shape.kind === "pointer") return 8;
  return "sizeBytes" in shape ? shape.sizeBytes : 0;
};
