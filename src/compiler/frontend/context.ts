/** The context's fields and methods, and the packet behind it. */
import { Packet } from "../../kernel/packet-context.ts";
import { programTypes } from "../program-types/index.ts";
import type { ContextField, ContextInteger, ProgramTypeInfo } from "../program-types/program-type.ts";
import { header, u32 } from "../../wire/layout.ts";
import { loadAddress } from "./addresses.ts";
import { asNode, type Expected } from "./integers.ts";
import { Helper } from "./intrinsics/helper.ts";
import { loadBytes, storeBytes } from "./memory.ts";
import { readSocket } from "./sockets.ts";
import type { Unit } from "./unit.ts";
import { iteratorMember, rawArguments } from "./program-arguments.ts";
import {
  contextRegion,
  type ContextValue,
  type PacketValue,
  type Region,
  type Value,
  type ViewValue,
} from "./values.ts";
import { U32_MAX, U64_MAX } from "../ssa/range.ts";

export const contextMember = (unit: Unit, context: ContextValue, name: string): Value | undefined => {
  const { fields, packet, contextPrototype } = programTypes[context.programType];
  if (name === "packet" && packet !== null) return { kind: "packet" };
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field !== undefined) return readContextField(unit, field);
  if (context.programType === "rawTracepoint" && name === "args") return rawArguments(unit);
  return methodOf(contextPrototype, context, name) ?? otherMember(unit, context, name);
};

const otherMember = (unit: Unit, { programType }: ContextValue, name: string): Value | undefined =>
  programType === "iterator" ? iteratorMember(unit, name) : undefined;

const methodOf = (prototype: object, receiver: Value, name: string): Value | undefined => {
  for (
    let owner: object | null = prototype;
    owner !== null && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    const fn: unknown = Object.getOwnPropertyDescriptor(owner, name)?.value;
    if (typeof fn === "function" && name !== "constructor") return { kind: "method", name, receiver, fn };
  }
  return undefined;
};

const readContextField = (unit: Unit, field: ContextField): Value => {
  switch (field.kind) {
    case "address":
      return { kind: "wide", family: field.family, chunks: loadAddress(unit, words, unit.builder.context, field) };
    case "array":
      return { kind: "elements", element: u32, length: field.length, view: wholeContext(unit), offset: field.offset };
    case "socket":
      return readSocket(unit, field);
    default:
      return readContextInteger(unit, field);
  }
};

/** Addresses in contexts are read 32 bits at a time. */
const words: Region = { ...contextRegion, widest: 4 };

const contextLayout = header("context", "include/uapi/linux/bpf.h", {});

const wholeContext = (unit: Unit): ViewValue => ({
  kind: "view",
  layout: contextLayout,
  region: words,
  pointer: unit.builder.context,
  offset: 0,
  nullable: null,
});

const readContextInteger = (unit: Unit, field: ContextInteger): Value => {
  const { builder } = unit;
  const raw = loadBytes(unit, contextRegion, builder.context, field.offset, field.size);
  const shifted = field.shift === undefined ? raw : builder.binary("shr", raw, builder.constant(field.shift));
  const node = field.swapped === undefined ? shifted : builder.byteSwap(shifted, field.swapped);
  if (field.size === 8) return { kind: "integer", type: "bigint", node, low: 0n, high: U64_MAX, wrapped: false };
  const { low, high } = field.swapped === undefined ? node : { low: 0n, high: (1n << BigInt(field.swapped)) - 1n };
  return { kind: "integer", type: "number", node, low, high, wrapped: false };
};

export const writeContextField = (unit: Unit, context: ContextValue, name: string, value: Value): void => {
  const { fields } = programTypes[context.programType];
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined || field.kind !== undefined || field.writable !== true)
    return unit.refuse("HM1205", `${name} of the context cannot be written; ${writableText(fields)}`);
  const expected: Expected = field.size === 8 ? "bigint" : "number";
  storeBytes(
    unit,
    contextRegion,
    unit.builder.context,
    field.offset,
    field.size,
    asNode(unit, value, expected, name, field.size * 8),
  );
};

/** `packet.length` and the packet's methods. */
export const packetMember = (unit: Unit, packet: PacketValue, name: string): Value | undefined => {
  if (name !== "length") return methodOf(Packet.prototype, packet, name);
  const { builder } = unit;
  const { packetLength } = programTypes[unit.type];
  if (packetLength !== null)
    return {
      kind: "integer",
      type: "number",
      node: builder.load(builder.context, packetLength, 4, "context"),
      low: 0n,
      high: 0xffff_ffffn,
      wrapped: false,
    };
  if (unit.purpose.frags === true) return wholeLength(unit);
  const { data, end } = unit.epoch();
  const node = builder.binary("sub", end, data);
  return { kind: "integer", type: "number", node, low: 0n, high: 0xffff_ffffn, wrapped: false };
};

/** Of a frame in several buffers: the packet's end is that of the first. */
const wholeLength = (unit: Unit): Value => {
  const { builder } = unit;
  const { data } = unit.epoch();
  const known = builder.state.get(unit.answers, data);
  const node = known ?? builder.zeroExtend(builder.call(Helper.xdpLength, [builder.context]), 32);
  builder.state.set(unit.answers, data, node);
  return { kind: "integer", type: "number", node, low: 0n, high: U32_MAX, wrapped: false };
};

const writableText = (fields: ProgramTypeInfo["fields"]): string => {
  const names = Object.entries(fields).flatMap(([name, field]) =>
    field.kind === undefined && field.writable === true ? [name] : [],
  );
  return names.length === 0 ? "keep the value in a variable or a map" : `those that can are ${names.join(", ")}`;
};

/** What a program can ask its context for. */
export const contextNames = ({ programType }: ContextValue): string[] => {
  const { fields, packet, contextPrototype } = programTypes[programType];
  return [...(packet === null ? [] : ["packet"]), ...Object.keys(fields), ...methodNames(contextPrototype)];
};

export const packetNames = (): string[] => ["length", ...methodNames(Packet.prototype)];

const methodNames = (prototype: object): string[] => {
  const names: string[] = [];
  for (
    let owner: object | null = prototype;
    owner !== null && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner)))
      if (typeof value === "function" && name !== "constructor") names.push(name);
  }
  return names;
};
