/** A kernel of a few types, made by hand: what the compiler asks of a kernel, without a kernel. */
import type { KernelMember, KernelShape, KernelTypes } from "../../src/compiler/kernel-types.ts";

const integer = (sizeBytes: 1 | 2 | 4 | 8, rest: object = {}): KernelShape => ({
  kind: "integer",
  sizeBytes,
  isSigned: false,
  isBoolean: false,
  isBigEndian: false,
  ...rest,
});

const member = (name: string, type: number, offset: number, bitFieldBits = 0, bit = 0): KernelMember => ({
  name,
  type,
  bitOffset: offset * 8 + bit,
  bitFieldBits,
});

const structure = (id: number, name: string, sizeBytes: number, members: readonly KernelMember[]): KernelShape => ({
  kind: "structure",
  id,
  name,
  sizeBytes,
  members,
});

/** By BTF id. */
const shapes: readonly KernelShape[] = [
  { kind: "other" },
  integer(1),
  integer(2),
  integer(4),
  integer(8),
  integer(4, { isSigned: true }),
  integer(4, { isBigEndian: true }),
  integer(1, { isBoolean: true }),
  /* 8 */ { kind: "pointer", target: 1 },
  /* 9 */ structure(9, "item", 80, [
    member("small", 1, 0),
    member("half", 2, 2),
    member("signed", 5, 4),
    member("wide", 4, 8),
    member("network", 6, 16),
    member("", 10, 20),
    member("flag", 1, 24, 1, 3),
    member("level", 5, 24, 5, 4),
    member("next", 11, 32),
    member("name", 12, 40),
    member("text", 8, 56),
    member("on", 7, 64),
    member("inner", 13, 68),
  ]),
  /* 10 */ structure(10, "", 4, [member("either", 3, 0), member("or", 2, 0)]),
  /* 11 */ { kind: "pointer", target: 9 },
  /* 12 */ { kind: "array", element: 1, length: 16, sizeBytes: 16 },
  /* 13 */ structure(13, "inner", 4, [member("word", 3, 0)]),
  /* 14 */ {
    kind: "function",
    parameters: [
      { name: "", type: 15 },
      { name: "", type: 11 },
      { name: "", type: 7 },
      { name: "", type: 5 },
    ],
  },
  /* 15 */ { kind: "pointer", target: 0 },
  /* 16 */ { kind: "pointer", target: 14 },
  /* 17 */ structure(17, "sock", 4, [member("__sk_common", 18, 0)]),
  /* 18 */ structure(18, "sock_common", 4, [member("skc_family", 2, 0)]),
];

const ids: Readonly<Record<string, number>> = {
  "struct item": 9,
  "struct inner": 13,
  "struct sock": 17,
  "typedef btf_trace_item_seen": 16,
  "func bpf_rdonly_cast": 14,
};

/** One tracepoint, `item_seen(struct item *, bool, int)`. */
export const handMadeKernel: KernelTypes = {
  field: () => undefined,
  bitField: () => undefined,
  size: (name) => {
    const shape = shapes[ids[`struct ${name}`] ?? 0];
    return shape?.kind === "structure" ? shape.sizeBytes : undefined;
  },
  typeId: (kind, name) => ids[`${kind} ${name}`],
  shape: (type) => shapes[type] ?? { kind: "other" },
  hasHelper: (_type, helper) => helper !== 208,
  names: (kind) =>
    Object.keys(ids)
      .filter((key) => key.startsWith(`${kind} `))
      .map((key) => key.slice(kind.length + 1)),
};
