/** Atomic accesses to native integers of map values and global variables. */
import { atomicAdd, atomicLoad, atomicStore, compareExchange, exchange, fetchAdd } from "../../../kernel/atomics.ts";
import { Variable } from "../../../kernel/maps.ts";
import type { FieldType, IntegerType } from "../../../wire/layout.ts";
import type { AtomicOp, Node } from "../../ssa/ir.ts";
import { fieldOf, loadedInteger } from "../fields.ts";
import { asNode } from "../integers.ts";
import { elementAddress, globalView } from "../members.ts";
import { isStatic, undefinedValue, type Value, type ViewValue } from "../values.ts";
import { requirePresent } from "../views.ts";
import {
  argument,
  kernelCall,
  staticArgument,
  wrongArgument,
  type Intrinsic,
  type IntrinsicCall,
  type IntrinsicEntry,
} from "./intrinsic.ts";

/** An integer that one instruction reads or writes. */
interface Cell {
  readonly name: string;
  readonly type: IntegerType;
  readonly size: 1 | 2 | 4 | 8;
  readonly pointer: Node;
  readonly offset: number;
}

const cellOf = (call: IntrinsicCall, least: 1 | 4): Cell => {
  const { unit } = call;
  const { name, type, view, offset } = placeOf(call);
  if (view.region.space !== "map")
    return unit.refuse(
      "HM1007",
      `${name} is not in a map: only map values and variables are seen by others; keep it in a map or variable(…)`,
      call.places[0],
    );
  const size = type.kind === "integer" && (type.bits === 8 || type.order === "little") ? type.bits / 8 : 0;
  const isAligned = offset % size === 0 && (view.region.alignment ?? 8) % size === 0;
  if (type.kind !== "integer" || (size !== 1 && size !== 2 && size !== 4 && size !== 8) || size < least || !isAligned) {
    const [sizes, types] = least === 1 ? ["1, 2, 4 or 8", "u8, u16, u32 or u64"] : ["4 or 8", "u32 or u64"];
    return unit.refuse(
      "HM1007",
      `${name} is no native integer of ${sizes} bytes at a multiple of its size; declare it as ${types}, with the largest fields first`,
      call.places[1],
    );
  }
  return { name, type, size, pointer: view.pointer, offset };
};

interface Place {
  readonly name: string;
  readonly type: FieldType;
  readonly view: ViewValue;
  /** Bytes from the view's pointer. */
  readonly offset: number;
}

const placeOf = (call: IntrinsicCall): Place => {
  const { unit } = call;
  const target = argument(call, 0, "a view");
  if (target.kind === "elements") {
    const { view, offset } = elementAddress(unit, target, argument(call, 1, "the index"), call.places[1] ?? call.node);
    return { name: "this element", type: target.element, view, offset };
  }
  const view = isStatic(target) && target.value instanceof Variable ? globalView(unit, target.value) : target;
  if (view.kind !== "view")
    return wrongArgument(
      call,
      0,
      "a view, an array field or a variable",
      'pass the view and the name of its field, as in (entry, "packets", …)',
    );
  requirePresent(unit, view);
  const field = fieldOf(unit, view.layout, String(staticArgument(call, 1, "the field")));
  return { name: field.name, type: field.type, view, offset: view.offset + field.bitOffset / 8 };
};

const operand = (call: IntrinsicCall, { type, name }: Cell, at: number, what: string): Node =>
  asNode(call.unit, argument(call, at, what), type.bits > 48 ? "bigint" : "number", name, type.bits);

const load = (call: IntrinsicCall): Value => {
  const { type, pointer, offset, size } = cellOf(call, 1);
  const node = call.unit.builder.load(pointer, offset, size, "map");
  node.kept = true;
  return loadedInteger(call.unit, type, node);
};

const store = (call: IntrinsicCall): Value => {
  const cell = cellOf(call, 1);
  const value = operand(call, cell, 2, "the value");
  call.unit.builder.store(cell.pointer, cell.offset, cell.size, value, "map");
  return undefinedValue;
};

/** One instruction that reads and writes; `operands` are those after view and field, what is written first. */
const update =
  (operator: AtomicOp, ...operands: readonly (readonly [at: number, what: string])[]): Intrinsic["apply"] =>
  (call) => {
    const cell = cellOf(call, 4);
    const { type, pointer, offset, size } = cell;
    const nodes = operands.map(([at, what]) => operand(call, cell, at, what));
    const width = size === 8 ? 8 : 4;
    const node = call.unit.builder.atomic(operator, pointer, offset, width, nodes, "map");
    return operator === "add" ? undefinedValue : loadedInteger(call.unit, type, node);
  };

export const atomicIntrinsics: readonly IntrinsicEntry[] = [
  kernelCall(atomicLoad, load),
  kernelCall(atomicStore, store),
  kernelCall(atomicAdd, update("add", [2, "the operand"])),
  kernelCall(fetchAdd, update("fetch_add", [2, "the operand"])),
  kernelCall(exchange, update("exchange", [2, "the value"])),
  kernelCall(compareExchange, update("compare_exchange", [3, "the replacement"], [2, "the expected value"])),
];
