/** Types of the kernel as the compiler asks for them. */
import { BtfKind } from "../../compiler/object/btf-kind.ts";
import { sizeOfShape, type KernelInteger, type KernelMember, type KernelShape } from "../../compiler/kernel-types.ts";
import type { BtfTypeTable } from "./type-table.ts";

/** Names that say network order; nothing else in type information does. */
const BIG_ENDIAN: ReadonlySet<string> = new Set(["__be16", "__be32", "__be64"]);

const other: KernelShape = { kind: "other" };

export const shapeOf = (table: BtfTypeTable, type: number): KernelShape => {
  let id = type;
  let isBigEndian = false;
  for (;;) {
    switch (table.kind(id)) {
      case BtfKind.TYPEDEF:
        isBigEndian ||= BIG_ENDIAN.has(table.name(id));
        id = table.sizeOrType(id);
        continue;
      case BtfKind.VOLATILE:
      case BtfKind.CONST:
      case BtfKind.RESTRICT:
      case BtfKind.TYPE_TAG:
        id = table.sizeOrType(id);
        continue;
      case BtfKind.INT:
        return integer(table, id, isBigEndian);
      case BtfKind.ENUM:
      case BtfKind.ENUM64:
        return sized(table.sizeOrType(id), { isSigned: table.kindFlag(id), isBoolean: false, isBigEndian: false });
      case BtfKind.STRUCT:
      case BtfKind.UNION:
        return {
          kind: "structure",
          id,
          name: table.name(id),
          sizeBytes: table.sizeOrType(id),
          members: membersOf(table, id),
        };
      case BtfKind.ARRAY:
        return array(table, id);
      case BtfKind.PTR:
        return { kind: "pointer", target: table.sizeOrType(id) };
      case BtfKind.FUNC:
        id = table.sizeOrType(id);
        continue;
      case BtfKind.FUNC_PROTO:
        return { kind: "function", parameters: parametersOf(table, id) };
      default:
        return other;
    }
  }
};

const SIGNED = 1;
const BOOL = 4;

const integer = (table: BtfTypeTable, id: number, isBigEndian: boolean): KernelShape => {
  const encoding = (table.entry(id, 0) >>> 24) & 0xf;
  return sized(table.sizeOrType(id), {
    isSigned: (encoding & SIGNED) !== 0,
    isBoolean: (encoding & BOOL) !== 0,
    isBigEndian,
  });
};

const sized = (sizeBytes: number, rest: Omit<KernelInteger, "kind" | "sizeBytes">): KernelShape =>
  sizeBytes === 1 || sizeBytes === 2 || sizeBytes === 4 || sizeBytes === 8
    ? { kind: "integer", sizeBytes, ...rest }
    : other;

const array = (table: BtfTypeTable, id: number): KernelShape => {
  const element = table.entry(id, 0);
  const length = table.entry(id, 2);
  return { kind: "array", element, length, sizeBytes: sizeOfShape(shapeOf(table, element)) * length };
};

const membersOf = (table: BtfTypeTable, id: number): readonly KernelMember[] => {
  const flagged = table.kindFlag(id);
  return Array.from({ length: table.length(id) }, (_, index) => {
    const packed = table.entry(id, index * 3 + 2);
    return {
      name: table.text(table.entry(id, index * 3)),
      type: table.entry(id, index * 3 + 1),
      bitOffset: flagged ? packed & 0xff_ffff : packed,
      bitFieldBits: flagged ? packed >>> 24 : 0,
    };
  });
};

const parametersOf = (table: BtfTypeTable, id: number): { name: string; type: number }[] =>
  Array.from({ length: table.length(id) }, (_, index) => ({
    name: table.text(table.entry(id, index * 2)),
    type: table.entry(id, index * 2 + 1),
  }));
