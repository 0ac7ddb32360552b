/** A member of a kernel structure, as the running kernel lays it out. */
export interface KernelField {
  /** From the start of the outer structure. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** Name of the structure it points to; null when it is no pointer to a structure. */
  readonly pointee: string | null;
}

export type KernelTypeKind = "struct" | "func" | "typedef";

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
}
