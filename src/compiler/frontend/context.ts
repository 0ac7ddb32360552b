/** The context's fields: where they sit in `struct xdp_md` and `struct __sk_buff` (linux/bpf.h). */
import { TcContext, XdpContext, Packet } from "../../kernel/context.ts";
import { asNode, type Expected } from "./integers.ts";
import { loadBytes, storeBytes } from "./memory.ts";
import type { Unit } from "./unit.ts";
import type { ContextValue, PacketValue, Region, Value } from "./values.ts";
import { U64_MAX } from "../ssa/range.ts";

interface ContextField {
  readonly offset: number;
  readonly size: 1 | 4 | 8;
  /** Network-order 16 bits in the low half. */
  readonly swapped?: boolean;
  readonly writable?: boolean;
}

const fields: Readonly<Record<"xdp" | "tc", Readonly<Record<string, ContextField>>>> = {
  xdp: { ifindex: { offset: 12, size: 4 }, rxQueue: { offset: 16, size: 4 } },
  tc: {
    packetType: { offset: 4, size: 4 },
    mark: { offset: 8, size: 4, writable: true },
    queueMapping: { offset: 12, size: 4 },
    protocol: { offset: 16, size: 4, swapped: true },
    vlanPresent: { offset: 20, size: 4 },
    ingressIfindex: { offset: 36, size: 4 },
    ifindex: { offset: 40, size: 4 },
    timestamp: { offset: 152, size: 8 },
    gsoSegments: { offset: 164, size: 4 },
    gsoSize: { offset: 176, size: 4 },
    timestampClock: { offset: 180, size: 1 },
  },
};

export const contextRegion: Region = { space: "context", key: { name: "context" }, epoch: null, writable: true };

const prototypes = { xdp: XdpContext.prototype, tc: TcContext.prototype } as const;

export const contextMember = (unit: Unit, context: ContextValue, name: string): Value | undefined => {
  if (name === "packet") return { kind: "packet" };
  const field = fields[context.programType][name];
  if (field !== undefined) return readContextField(unit, field);
  return methodOf(prototypes[context.programType], context, name);
};

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
  const { builder } = unit;
  const raw = loadBytes(unit, contextRegion, builder.context, field.offset, field.size);
  const node = field.swapped === true ? builder.byteSwap(raw, 16) : raw;
  if (field.size === 8) return { kind: "integer", type: "bigint", node, low: 0n, high: U64_MAX, wrapped: false };
  const { low, high } = field.swapped === true ? { low: 0n, high: 0xffffn } : node;
  return { kind: "integer", type: "number", node, low, high, wrapped: false };
};

export const writeContextField = (unit: Unit, context: ContextValue, name: string, value: Value): void => {
  const field = fields[context.programType][name];
  if (field?.writable !== true) return unit.refuse("HM1205", `${name} of the context cannot be written`);
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
  if (unit.type === "tc")
    return {
      kind: "integer",
      type: "number",
      node: builder.load(builder.context, 0, 4, "context"),
      low: 0n,
      high: 0xffff_ffffn,
      wrapped: false,
    };
  const { data, end } = unit.epoch();
  const node = builder.binary("sub", end, data);
  return { kind: "integer", type: "number", node, low: 0n, high: 0xffff_ffffn, wrapped: false };
};
