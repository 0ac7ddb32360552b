/** Structures of the running kernel: members are read from where its type information says they are. */
import type { IntegerType } from "../../wire/layout.ts";
import {
  sizeOfShape,
  type KernelInteger,
  type KernelMember,
  type KernelShape,
  type KernelTypes,
} from "../kernel-types.ts";
import { nearest } from "../nearest.ts";
import type { Node } from "../ssa/ir.ts";
import { U64_MAX } from "../ssa/range.ts";
import { loadedInteger } from "./fields.ts";
import { proofAdvice } from "./fresh-reads.ts";
import { exactInteger } from "./integers.ts";
import { readKernelBytes, requireKernelPresent } from "./kernel-memory.ts";
import { provable } from "./proofs.ts";
import type { Unit } from "./unit.ts";
import type { KernelValue, Value } from "./values.ts";

/** The running kernel's types; refuses the program without them. */
export const kernelTypesOf = (unit: Unit): KernelTypes =>
  unit.options.kernelTypes ??
  unit.refuse(
    "HM1603",
    "this reads the kernel's own structures, and the compiler was not told what they are; give it kernelTypes: kernelBtf()",
  );

/** How much of a pointer is known when it has just been read. */
export type Pointer = Pick<KernelValue, "pointer" | "nullable" | "access">;

/** What a pointer of the kernel points to. */
export const pointedTo = (unit: Unit, target: number, pointer: Pointer): KernelValue => {
  const shape = target === 0 ? ({ kind: "other" } as const) : kernelTypesOf(unit).shape(target);
  return {
    kind: "kernel",
    shape: shape.kind === "structure" ? shape : { kind: "pointer", target },
    offset: 0,
    ...pointer,
  };
};

/** A value of this shape in a register, as the kernel hands arguments over. */
export const kernelValue = (unit: Unit, shape: KernelShape, node: Node, nullable: KernelValue["nullable"]): Value => {
  switch (shape.kind) {
    case "integer":
      return integerValue(unit, shape, node);
    case "pointer":
      return pointedTo(unit, shape.target, { pointer: node, nullable, access: "direct" });
    default:
      return {
        kind: "conflict",
        message: "a value of this type cannot be read by a kernel program; read one of its fields",
      };
  }
};

export const readKernelMember = (unit: Unit, object: KernelValue, name: string): Value => {
  const { shape } = object;
  if (shape.kind === "array") return unit.refuse("HM1005", `an array of the kernel has no ${name}; it has elements`);
  if (shape.kind === "pointer")
    return unit.refuse(
      "HM1005",
      `what this points to has no fields; read it with probeRead(layout, pointer), or cast() it`,
    );
  const member = memberOf(kernelTypesOf(unit), shape.members, name);
  if (member === undefined) return unknownMember(unit, object, name);
  requireKernelPresent(unit, object);
  return readAt(unit, object, member);
};

const unknownMember = (unit: Unit, { shape }: KernelValue, name: string): never => {
  if (shape.kind !== "structure") throw new TypeError("only structures have members");
  const names = namesOf(kernelTypesOf(unit), shape.members);
  const what = shape.name === "" ? "this structure" : `struct ${shape.name}`;
  const close = nearest(name, names);
  const hint =
    close === undefined ? (names.length <= 12 ? `; it has ${names.join(", ")}` : "") : `; did you mean ${close}?`;
  return unit.refuse("HM1005", `${what} of this kernel has no ${name}${hint}`);
};

/** A member by its name, in unnamed structures and unions too, as in C. */
export const memberOf = (
  types: KernelTypes,
  members: readonly KernelMember[],
  name: string,
): KernelMember | undefined => {
  for (const member of members) {
    if (member.name === name) return member;
    if (member.name !== "") continue;
    const inner = types.shape(member.type);
    const found = inner.kind === "structure" ? memberOf(types, inner.members, name) : undefined;
    if (found !== undefined) return { ...found, bitOffset: member.bitOffset + found.bitOffset };
  }
  return undefined;
};

const namesOf = (types: KernelTypes, members: readonly KernelMember[]): string[] =>
  members.flatMap(({ name, type }) => {
    if (name !== "") return [name];
    const inner = types.shape(type);
    return inner.kind === "structure" ? namesOf(types, inner.members) : [];
  });

/** Reads what lies in a structure or array: integers and pointers as values, the rest by reference. */
const readAt = (unit: Unit, object: KernelValue, member: Omit<KernelMember, "name">): Value => {
  const shape = kernelTypesOf(unit).shape(member.type);
  if (member.bitFieldBits !== 0 && shape.kind === "integer") return readBitField(unit, object, member, shape);
  const offset = object.offset + member.bitOffset / 8;
  switch (shape.kind) {
    case "structure":
    case "array":
      return { ...object, shape, offset, nullable: "never" };
    case "integer":
      return integerValue(unit, shape, readKernelBytes(unit, object, offset, shape.sizeBytes));
    case "pointer": {
      const pointer = readKernelBytes(unit, object, offset, 8);
      return pointedTo(unit, shape.target, { pointer, nullable: "maybe", access: object.access });
    }
    default:
      return unit.refuse("HM1005", "a value of this type cannot be read by a kernel program; read one of its fields");
  }
};

/** The register of an integer as its value; `raw` may have anything above its bytes. */
const integerValue = (unit: Unit, { sizeBytes, isSigned, isBoolean, isBigEndian }: KernelInteger, raw: Node): Value => {
  const { builder } = unit;
  const bits = (sizeBytes * 8) as 8 | 16 | 32 | 64;
  const narrow = bits === 64 ? raw : builder.zeroExtend(raw, bits);
  if (isBoolean) {
    const test = {
      condition: "ne",
      left: narrow,
      right: builder.constant(0),
      width: 64,
      whenTrue: [],
      whenFalse: [],
    } as const;
    return { kind: "boolean", test };
  }
  const node = isBigEndian && bits !== 8 ? builder.byteSwap(narrow, bits) : narrow;
  return loadedInteger(unit, { kind: "integer", bits, order: "little", signed: isSigned } satisfies IntegerType, node);
};

const readBitField = (
  unit: Unit,
  object: KernelValue,
  { bitOffset, bitFieldBits }: Omit<KernelMember, "name">,
  { isSigned }: KernelInteger,
): Value => {
  const { builder } = unit;
  const first = Math.floor(bitOffset / 8);
  // The verifier wants all of the field in one load, which nothing else may be in the middle of: the smallest aligned one.
  const size = ([1, 2, 4, 8] as const).find(
    (bytes) => bitOffset + bitFieldBits <= (first - (first % bytes) + bytes) * 8,
  );
  if (size === undefined) return unit.refuse("HM1005", "this bit field crosses 8 bytes, and cannot be read");
  const start = first - (first % size);
  const raw = readKernelBytes(unit, object, object.offset + start, size);
  const left = 64 - (bitOffset - start * 8) - bitFieldBits;
  const high = builder.binary("shl", raw, builder.constant(left));
  const node = builder.binary(isSigned ? "sar" : "shr", high, builder.constant(64 - bitFieldBits));
  const span = 1n << BigInt(bitFieldBits);
  const type = bitFieldBits > 48 ? "bigint" : "number";
  const [low, most] = isSigned ? [-span / 2n, span / 2n - 1n] : [0n, span - 1n];
  return { kind: "integer", type, node, low, high: bitFieldBits === 64 ? U64_MAX : most, wrapped: false };
};

/** `array[index]`. An index known only at run time is read by the kernel's own copy: its verifier allows no other way. */
export const readKernelElement = (
  unit: Unit,
  object: KernelValue,
  index: Value,
  node: { start: number; end: number },
): Value => {
  const { shape } = object;
  if (shape.kind !== "array") return unit.refuse("HM1005", "only an array of the kernel has elements", node);
  const at = exactInteger(unit, index, "an index");
  if (at.low < 0n || at.high >= BigInt(shape.length)) {
    return unit.refuse(
      "HM1204",
      `the index must be proven to lie in 0..${shape.length - 1}; ${proofAdvice(unit, at, "test or mask it first", node)}`,
      node,
    );
  }
  const size = sizeOfShape(kernelTypesOf(unit).shape(shape.element));
  const member = { type: shape.element, bitOffset: 0, bitFieldBits: 0 };
  if (at.low === at.high) return readAt(unit, object, { ...member, bitOffset: Number(at.low) * size * 8 });
  const { builder } = unit;
  const bytes = builder.binary("mul", provable(unit, at, 0n, BigInt(shape.length - 1)), builder.constant(size));
  return readAt(unit, { ...object, pointer: builder.pointerAdd(object.pointer, bytes), access: "probe" }, member);
};
