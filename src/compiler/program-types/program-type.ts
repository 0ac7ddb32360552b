import type { ProgramType, Purpose } from "../../kernel/program.ts";
import type { AddressFamily } from "../../wire/layout.ts";
import type { KernelTypeKind } from "../kernel-types.ts";

/** A field of a program's context, as programs read it: the kernel rewrites the access. */
export type ContextField = ContextInteger | ContextAddress | ContextArray | ContextSocket;

interface ContextPlace {
  /** Bytes from the start of the context's structure in linux/bpf.h. */
  readonly offset: number;
}

export interface ContextInteger extends ContextPlace {
  readonly kind?: undefined;
  readonly size: 1 | 2 | 4 | 8;
  /** Bits cut off at the low end. */
  readonly shift?: number;
  /** Network order: of what the shift leaves, the low 16 bits, or 32. */
  readonly swapped?: 16 | 32;
  readonly writable?: boolean;
}

export interface ContextAddress extends ContextPlace {
  readonly kind: "address";
  readonly family: AddressFamily;
}

/** 32-bit numbers. */
export interface ContextArray extends ContextPlace {
  readonly kind: "array";
  readonly length: number;
}

/** A pointer to the socket (`struct bpf_sock`), or null. */
export interface ContextSocket extends ContextPlace {
  readonly kind: "socket";
  /** The verifier knows that it is more than a request for a connection or what is left of one. */
  readonly isFull: boolean;
}

/** All that the compiler and the loader know of one type of program. */
export interface ProgramTypeInfo {
  readonly type: ProgramType;
  /** `enum bpf_prog_type`. */
  readonly kernelType: number;
  /** `enum bpf_attach_type` that the kernel wants to know when it loads the program; 0 where it does not ask. */
  readonly attachType: (purpose: Purpose) => number;
  /** `BPF_F_…` of loading that follow from the purpose. */
  readonly loadFlags?: (purpose: Purpose) => number;
  /** The kernel's type that the purpose's target names: what the kernel is told as `attach_btf_id`. */
  readonly attachTo?: (target: string) => { readonly kind: KernelTypeKind; readonly name: string };
  /** The object section by which libbpf and iproute2 know what the program is for. */
  readonly section: (purpose: Purpose) => string;
  /** The kernel's name of the context's structure. */
  readonly contextStruct: string;
  /** Where the context's methods are found: those of the class that kernel functions are written against. */
  readonly contextPrototype: object;
  /** Its function is called with what the target's type says, each in 8 bytes of the context; else with the context. */
  readonly calledWith?: "arguments";
  readonly fields: Readonly<Record<string, ContextField>>;
  /** Offsets of the packet's ends in the context; null where programs see no packet. */
  readonly packet: { readonly data: number; readonly end: number; readonly readOnly?: boolean } | null;
  /** Offset of the whole packet's length in the context; null where the packet's ends tell. */
  readonly packetLength: number | null;
  /** Whether programs return a verdict; the others return nothing. */
  readonly hasVerdict: boolean;
  /** Verdicts must be proven to lie in 0 to this; any number will do without it. */
  readonly largestVerdict?: (purpose: Purpose) => bigint;
  /** How programs are made that may return more than this one. */
  readonly moreVerdicts?: { readonly largest: bigint; readonly madeWith: string };
  /** All the verdicts that there are, by name; a number that is written out must be among them. */
  readonly verdicts?: {
    readonly object: string;
    readonly numbers: Readonly<Record<string, number>>;
    /** Those that have no name here. */
    readonly others?: readonly number[];
  };
  /** What the kernel gets of programs without a verdict; 0 without it. */
  readonly returns?: number;
}
