/** What goes into a subprogram and what comes out: values as registers on the caller's side, and as values again inside. */
import type { Subprogram, SubprogramParameter } from "../../kernel/subprogram.ts";
import type { AddressType, IntegerType } from "../../wire/layout.ts";
import type { Node } from "../ssa/ir.ts";
import type { Range } from "../ssa/range.ts";
import { addressChunks } from "./addresses.ts";
import { booleanOf, materialise } from "./select.ts";
import { exactInteger, within } from "./integers.ts";
import { packetRegion } from "./intrinsics/packet-place.ts";
import { checkEpoch } from "./memory.ts";
import type { Unit } from "./unit.ts";
import { describe, isStatic, undefinedValue, type Region, type Value, type ViewValue } from "./values.ts";
import { requirePresent } from "./views.ts";

/** An argument in its register, or two of them. */
export interface PassedArgument {
  readonly nodes: readonly Node[];
  readonly type: SubprogramParameter;
  /** What a subprogram is evaluated anew for. */
  readonly key: string;
  /** The memory behind a view. */
  readonly region: Region | null;
}

/** Refuses what the subprogram does not take. */
export const passArgument = (unit: Unit, type: SubprogramParameter, value: Value, what: string): PassedArgument => {
  const { builder } = unit;
  if (type === "boolean") {
    if (value.kind !== "boolean" && !(isStatic(value) && typeof value.value === "boolean"))
      return unit.refuse("HM1007", `${what} must be a boolean, not ${describe(value)}; compare it, as in value !== 0`);
    return { nodes: [materialise(unit, value)], type, key: "", region: null };
  }
  if (typeof type === "string") {
    if (value.kind !== "context" || value.programType !== type)
      return unit.refuse(
        "HM1007",
        `${what} must be the context of a program of type ${type}, not ${describe(value)}; pass the ctx of one made with ${type}()`,
      );
    return { nodes: [builder.context], type, key: "", region: null };
  }
  if (type.kind === "integer") return { nodes: [integerNode(unit, type, value, what)], type, key: "", region: null };
  if (type.kind === "address") return { nodes: addressNodes(unit, type, value), type, key: "", region: null };
  if (value.kind !== "view" || value.layout !== type)
    return unit.refuse(
      "HM1007",
      `${what} must be a view of ${type.name}, not ${describe(value)}; pass one, or declare the parameter as what you pass`,
    );
  return passView(unit, type, value, what);
};

const passView = (unit: Unit, type: SubprogramParameter, view: ViewValue, what: string): PassedArgument => {
  requirePresent(unit, view);
  checkEpoch(unit, view.region);
  const { region, offset, pointer } = view;
  const { space, writable } = region;
  if (space !== "packet" && space !== "map" && space !== "ring" && space !== "stack")
    return unit.refuse(
      "HM1007",
      `${what} must lie in the packet, a map, a ring record or a copy; pass the fields that are needed, each as an argument`,
    );
  const node = offset === 0 ? pointer : unit.builder.pointerAdd(pointer, unit.builder.constant(offset));
  const alignment = Math.min(region.alignment ?? 8, offset === 0 ? 8 : offset & -offset);
  // Only the stack asks for alignment.
  const key = [space, writable, space === "stack" ? alignment : 0].join(" ");
  return { nodes: [node], type, key, region: { ...region, alignment } };
};

/** The registers of an address: a MAC address is in one, its first byte lowest. */
const addressNodes = (unit: Unit, { family }: AddressType, value: Value): readonly Node[] => {
  const { builder } = unit;
  const nodes = addressChunks(unit, family, value).map(({ node }) => node);
  const [first, second] = nodes as [Node, Node];
  if (family !== "mac") return nodes;
  return [builder.binary("or", first, builder.binary("shl", second, builder.constant(32)))];
};

const addressValue = (unit: Unit, { family }: AddressType, nodes: readonly Node[]): Value => {
  const { builder } = unit;
  const [first, second] = nodes as [Node, Node];
  if (family === "ipv4") return { kind: "wide", family, chunks: [{ node: first, size: 4 }] };
  const [low, high, sizes] =
    family === "ipv6"
      ? ([first, second, [8, 8]] as const)
      : ([builder.zeroExtend(first, 32), builder.binary("shr", first, builder.constant(32)), [4, 2]] as const);
  return {
    kind: "wide",
    family,
    chunks: [
      { node: low, size: sizes[0] },
      { node: high, size: sizes[1] },
    ],
  };
};

/** The register of an integer proven to be of a type. */
const integerNode = (unit: Unit, type: IntegerType, value: Value, what: string): Node => {
  const integer = exactInteger(unit, value, what);
  const wanted = jsTypeOf(type);
  if (integer.type !== wanted)
    return unit.refuse(
      "HM1101",
      `${what} is a ${wanted}, not a ${integer.type}; convert with ${wanted === "bigint" ? "BigInt(…)" : "Number(…)"}`,
    );
  const { low, high } = rangeOf(type);
  if (!within(integer, low, high)) {
    return unit.refuse(
      "HM1206",
      `${what} must be proven to lie in ${low}..${high}, it is in ${integer.low}..${integer.high}; mask or test it first`,
    );
  }
  return integer.node;
};

const jsTypeOf = ({ bits }: IntegerType): "number" | "bigint" => (bits > 48 ? "bigint" : "number");

const rangeOf = ({ bits, signed }: IntegerType): Range => {
  const size = 1n << BigInt(bits);
  return signed ? { low: -size / 2n, high: size / 2n - 1n } : { low: 0n, high: size - 1n };
};

const integerValue = (type: IntegerType, node: Node): Value => ({
  kind: "integer",
  type: jsTypeOf(type),
  node,
  ...rangeOf(type),
  wrapped: false,
});

/** Of callers' memory, any two views may be of the same. */
const lentKeys = {
  stack: { name: "the caller's stack" },
  ring: { name: "the caller's record" },
  map: { name: "the caller's map" },
} as const;

/** What an argument is inside: less than outside, as it may be another the next time. */
export const lend = (unit: Unit, { type, region }: PassedArgument, nodes: readonly Node[]): Value => {
  const [node] = nodes as [Node];
  if (type === "boolean") return booleanOf(unit, node);
  if (typeof type === "string") return { kind: "context", programType: type };
  if (type.kind === "integer") return integerValue(type, node);
  if (type.kind === "address") return addressValue(unit, type, nodes);
  if (region === null) throw new Error("a view without memory");
  return { kind: "view", layout: type, region: lentRegion(unit, region), pointer: node, offset: 0, nullable: null };
};

const lentRegion = (unit: Unit, region: Region): Region => {
  const { space, alignment = 8 } = region;
  if (space === "packet") return { ...packetRegion(unit, unit.epoch()), alignment };
  if (space !== "stack" && space !== "ring" && space !== "map") return region;
  return { ...region, key: lentKeys[space], isLent: true };
};

/** Returns from a subprogram. */
export const returnResult = (unit: Unit, { result }: Subprogram, name: string, value: Value): void => {
  const { builder } = unit;
  if (result === "nothing") return builder.return(builder.constant(0));
  if (value.kind === "conflict" || value.kind === "maybe" || (isStatic(value) && value.value === undefined))
    return unit.refuse("HM1501", `${name} must return ${wordFor(result)} on every path; put a return at its end`);
  if (result !== "boolean") {
    const [node] =
      result.kind === "address"
        ? addressNodes(unit, result, value)
        : [integerNode(unit, result, value, `the result of ${name}`)];
    return builder.return(node as Node);
  }
  if (value.kind !== "boolean" && !(isStatic(value) && typeof value.value === "boolean"))
    return unit.refuse(
      "HM1501",
      `${name} returns a boolean, not ${describe(value)}; return a comparison, such as value !== 0`,
    );
  return builder.return(materialise(unit, value));
};

const wordFor = (result: Exclude<Subprogram["result"], "nothing">): string => {
  if (result === "boolean") return "a boolean";
  return result.kind === "address" ? `an address (${result.family})` : `a ${jsTypeOf(result)}`;
};

/** What a call gives. */
export const resultValue = (unit: Unit, { result }: Subprogram, node: Node): Value => {
  if (result === "nothing") return undefinedValue;
  if (result === "boolean") return booleanOf(unit, node);
  return result.kind === "address" ? addressValue(unit, result, [node]) : integerValue(result, node);
};
