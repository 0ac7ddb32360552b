/** Types as C declares them, for people. */
import { BtfKind } from "../../compiler/object/btf-kind.ts";
import type { BtfTypeTable } from "./type-table.ts";

/** `struct sock *sk`, `char comm[16]`; of a function only that it is one. */
export const declaration = (table: BtfTypeTable, type: number, name: string): string => {
  const spaced = (text: string): string => (name === "" ? text : `${text} ${name}`);
  const target = table.sizeOrType(type);
  switch (type === 0 ? 0 : table.kind(type)) {
    case 0:
      return spaced("void");
    case BtfKind.PTR:
      return declaration(table, target, isCompound(table, target) ? `(*${name})` : `*${name}`);
    case BtfKind.ARRAY:
      return declaration(table, table.entry(type, 0), `${name}[${table.entry(type, 2)}]`);
    case BtfKind.CONST:
      return qualified(table, target, name, "const");
    case BtfKind.VOLATILE:
      return qualified(table, target, name, "volatile");
    case BtfKind.RESTRICT:
    case BtfKind.TYPE_TAG:
      return declaration(table, target, name);
    case BtfKind.STRUCT:
      return spaced(tagged("struct", table.name(type)));
    case BtfKind.UNION:
      return spaced(tagged("union", table.name(type)));
    case BtfKind.ENUM:
    case BtfKind.ENUM64:
      return spaced(tagged("enum", table.name(type)));
    case BtfKind.FWD:
      return spaced(tagged(table.kindFlag(type) ? "union" : "struct", table.name(type)));
    case BtfKind.FUNC_PROTO:
      return `${declaration(table, target, "")} ${name}(…)`;
    default:
      return spaced(table.name(type));
  }
};

const tagged = (tag: string, name: string): string => (name === "" ? `${tag} { … }` : `${tag} ${name}`);

/** A pointer to an array or a function needs brackets. */
const isCompound = (table: BtfTypeTable, type: number): boolean =>
  type !== 0 && (table.kind(type) === BtfKind.ARRAY || table.kind(type) === BtfKind.FUNC_PROTO);

const qualified = (table: BtfTypeTable, target: number, name: string, qualifier: string): string =>
  target !== 0 && table.kind(target) === BtfKind.PTR
    ? declaration(table, target, `${qualifier} ${name}`.trimEnd())
    : `${qualifier} ${declaration(table, target, name)}`;
