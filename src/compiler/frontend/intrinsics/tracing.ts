/** Who runs, the kernel's memory, and what an iterator writes. */
import {
  cast,
  commInto,
  copyString,
  currentCgroupId,
  currentPid,
  currentTid,
  ipv4Of,
  ipv6Of,
  objectAddress,
  probeRead,
} from "../../../kernel/tracing-helpers.ts";
import { IteratorOutput } from "../../../kernel/tracing.ts";
import { sizeOfShape } from "../../kernel-types.ts";
import { nearest } from "../../nearest.ts";
import type { Node } from "../../ssa/ir.ts";
import { U32_MAX, U64_MAX } from "../../ssa/range.ts";
import { writeStruct } from "../fields.ts";
import { select } from "../select.ts";
import { asNode } from "../integers.ts";
import { addressOf, readKernelBytes, requireKernelPresent } from "../kernel-memory.ts";
import { kernelTypesOf, memberOf } from "../kernel-values.ts";
import { forget, loadBytes, storeBytes } from "../memory.ts";
import { iteratorMember } from "../program-arguments.ts";
import { undefinedValue, type KernelValue, type Value, type ViewValue } from "../values.ts";
import { fromEnvironment } from "./environment.ts";
import { helperTarget } from "./helper-target.ts";
import { Helper } from "./helper.ts";
import {
  argument,
  kernelCall,
  numberArgument,
  pureCall,
  staticArgument,
  wrongArgument,
  type IntrinsicCall,
  type IntrinsicEntry,
} from "./intrinsic.ts";
import { layoutArgument } from "./packet.ts";
import { stackRegion } from "./stack.ts";

const current =
  (part: (call: IntrinsicCall, both: Node) => Node): ((call: IntrinsicCall) => Value) =>
  (call) => {
    const node = part(call, call.unit.builder.call(Helper.currentPidTgid, []));
    return { kind: "integer", type: "number", node, low: 0n, high: U32_MAX, wrapped: false };
  };

const cgroupId = ({ unit }: IntrinsicCall): Value => {
  const node = unit.builder.call(Helper.currentCgroupId, []);
  return { kind: "integer", type: "bigint", node, low: 0n, high: U64_MAX, wrapped: false };
};

/** An address in the kernel's memory: an object of the kernel, or a bigint. */
const addressArgument = (call: IntrinsicCall, at: number): Node => {
  const value = argument(call, at, "a pointer");
  if (value.kind === "kernel") {
    requireKernelPresent(call.unit, value);
    return addressOf(call.unit, value.pointer, value.offset);
  }
  const isBigint =
    value.kind === "integer" ? value.type === "bigint" : value.kind === "static" && typeof value.value === "bigint";
  if (!isBigint)
    return wrongArgument(
      call,
      at,
      "a pointer of the kernel, or an address as bigint",
      "pass an object or pointer that the kernel gave, not a number read of it",
    );
  return asNode(call.unit, value, "bigint", "the address", 64);
};

/** A pointer that the verifier knows is no number that a program may keep, so the kernel's own copy makes one of it. */
const address = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { builder } = unit;
  const given = fromEnvironment(unit, "objectAddress");
  if (given !== null) return given;
  const pointer = objectArgument(call);
  const what = "an object's address";
  const [kept, copy] = [unit.acquireSlot(8, what), unit.acquireSlot(8, what)];
  const [from, to] = [builder.slotPointer(kept), builder.slotPointer(copy)];
  storeBytes(unit, stackRegion(kept), from, 0, 8, pointer);
  builder.call(Helper.probeReadKernel, [to, builder.constant(8), from]);
  forget(unit, stackRegion(copy));
  const node = loadBytes(unit, stackRegion(copy), to, 0, 8);
  unit.releaseSlot(copy);
  unit.releaseSlot(kept);
  return { kind: "integer", type: "bigint", node, low: 0n, high: U64_MAX, wrapped: false };
};

const objectArgument = (call: IntrinsicCall): Node => {
  const { unit } = call;
  const value = argument(call, 0, "an object of the kernel");
  // At tc the context is the packet (`struct sk_buff`); elsewhere it is made for the program.
  if (value.kind === "context" && value.programType === "tc") return unit.builder.context;
  if (value.kind === "kernel") {
    requireKernelPresent(unit, value);
    return addressOf(unit, value.pointer, value.offset);
  }
  return wrongArgument(
    call,
    0,
    "an object of the kernel",
    "pass an argument of a tracepoint, what it leads to, or the context of a tc program",
  );
};

interface Target {
  readonly view: ViewValue;
  readonly pointer: Node;
  /** From the view's own pointer. */
  readonly offset: number;
  readonly length: number;
}

/** The array of bytes that a view and a field's name say. */
const bytesArgument = (call: IntrinsicCall): Target => {
  const { unit } = call;
  const { view, field, offset } = helperTarget(call);
  const { type } = field;
  if (type.kind !== "array" || type.element.kind !== "integer" || type.element.bits !== 8)
    return unit.refuse(
      "HM1007",
      `${view.layout.name}.${field.name} is no array of bytes, which text is copied to; declare it as chars(${Math.max(1, Math.floor(field.bits / 8))})`,
    );
  return { view, pointer: addressOf(unit, view.pointer, offset), offset, length: type.length };
};

const comm = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { view, pointer, length } = bytesArgument(call);
  unit.builder.call(Helper.currentComm, [pointer, unit.builder.constant(length)]);
  forget(unit, view.region);
  return undefinedValue;
};

const text = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { builder } = unit;
  const { view, pointer, offset, length } = bytesArgument(call);
  const address = addressArgument(call, 2);
  // The helper leaves what is behind the text as it was: in a ring that would be an older record.
  for (let at = 0; at < length;) {
    const size = ([8, 4, 2] as const).find((bytes) => bytes <= length - at && (offset + at) % bytes === 0) ?? 1;
    storeBytes(unit, view.region, view.pointer, offset + at, size, builder.constant(0));
    at += size;
  }
  const result = builder.call(Helper.probeReadKernelString, [pointer, builder.constant(length), address]);
  forget(unit, view.region);
  const right = builder.constant(0);
  return {
    kind: "boolean",
    test: { condition: "sgt", left: result, right, width: 64, whenTrue: [], whenFalse: [] },
  };
};

const read = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { builder } = unit;
  const layout = layoutArgument(call, 0);
  const address = addressArgument(call, 1);
  const slot = builder.newSlot(layout.size, `a ${layout.name} read from the kernel`);
  const pointer = builder.slotPointer(slot);
  const region = stackRegion(slot);
  const result = builder.call(Helper.probeReadKernel, [pointer, builder.constant(layout.size), address]);
  forget(unit, region);
  const right = builder.constant(0);
  const failed = { condition: "ne", left: result, right, width: 64, whenTrue: [], whenFalse: [] } as const;
  const present = select(unit, failed, builder.constant(0), pointer);
  return { kind: "view", layout, region, pointer: present, offset: 0, nullable: "zero" };
};

/** Where the kernel has no function that casts (before 6.2), members are read by its copy. */
const castTo = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const types = kernelTypesOf(unit);
  const name = String(staticArgument(call, 0, "the structure's name"));
  const id = types.typeId("struct", name);
  const shape = id === undefined ? undefined : types.shape(id);
  if (id === undefined || shape?.kind !== "structure") {
    const close = nearest(name, types.names("struct"));
    return unit.refuse(
      "HM1005",
      `this kernel has no structure ${name}${close === undefined ? "; write its name as the kernel's C does, without struct" : `; did you mean ${close}?`}`,
    );
  }
  const address = addressArgument(call, 1);
  const object = { kind: "kernel", shape, offset: 0, nullable: "never" } as const;
  if (types.typeId("func", "bpf_rdonly_cast") === undefined) return { ...object, pointer: address, access: "probe" };
  const pointer = unit.builder.kfunc("bpf_rdonly_cast", [address, unit.builder.constant(id)]);
  return { ...object, pointer, access: "cast" };
};

const toIpv4 = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const address = numberArgument(call, 0, "the address");
  if (address.low < 0n || address.high > U32_MAX)
    return unit.refuse(
      "HM1007",
      `the address must be proven to lie in 0..0xffffffff, it is in ${address.low}..${address.high}; give a __be32 of the kernel as it is, or test it first`,
    );
  return { kind: "wide", family: "ipv4", chunks: [{ node: unit.builder.byteSwap(address.node, 32), size: 4 }] };
};

const IPV6_BYTES = 16;

const toIpv6 = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const address = argument(call, 0, "an address");
  if (address.kind === "wide" && address.family === "ipv6") return address;
  if (address.kind !== "kernel" || sizeOfShape(inner(call, address)) !== IPV6_BYTES)
    return wrongArgument(call, 0, "struct in6_addr of the kernel", "pass a member that is one, such as skc_v6_daddr");
  requireKernelPresent(unit, address);
  const chunks = [0, 8].map((at) => ({
    node: readKernelBytes(unit, address, address.offset + at, 8),
    size: 8 as const,
  }));
  return { kind: "wide", family: "ipv6", chunks };
};

/** Of a structure, its only member: the verifier wants a load to stay within a member. */
const inner = (call: IntrinsicCall, { shape }: KernelValue): KernelValue["shape"] => {
  if (shape.kind !== "structure") return shape;
  return memberOf(kernelTypesOf(call.unit), shape.members, "in6_u") === undefined
    ? { kind: "pointer", target: 0 }
    : shape;
};

const write = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { builder } = unit;
  const layout = layoutArgument(call, 0);
  unit.writtenLayouts.add(layout);
  if (unit.writtenLayouts.size > 1)
    return unit.refuse(
      "HM1007",
      "an iterator writes records of one layout, as user space could not tell several apart; put their fields into one, with a field that says which they are",
      call.node,
    );
  const meta = iteratorMember(unit, "meta");
  const member =
    meta.kind === "kernel" && meta.shape.kind === "structure"
      ? memberOf(kernelTypesOf(unit), meta.shape.members, "seq")
      : undefined;
  if (meta.kind !== "kernel" || member === undefined)
    return unit.refuse(
      "HM1601",
      "iterators of this kernel have no output that programs know of; put records into a ring buffer",
      call.node,
    );
  const slot = unit.acquireSlot(layout.size, `a ${layout.name} to write`);
  const pointer = builder.slotPointer(slot);
  const region = stackRegion(slot);
  writeStruct(
    unit,
    { kind: "view", layout, region, pointer, offset: 0, nullable: null },
    argument(call, 1, "the value"),
  );
  const sequence = readKernelBytes(unit, meta, member.bitOffset / 8, 8);
  builder.call(Helper.seqWrite, [sequence, pointer, builder.constant(layout.size)]);
  unit.releaseSlot(slot);
  return undefinedValue;
};

export const tracingIntrinsics: readonly IntrinsicEntry[] = [
  kernelCall(
    currentPid,
    current(({ unit }, both) => unit.builder.binary("shr", both, unit.builder.constant(32))),
  ),
  kernelCall(
    currentTid,
    current(({ unit }, both) => unit.builder.zeroExtend(both, 32)),
  ),
  kernelCall(currentCgroupId, cgroupId),
  kernelCall(commInto, comm),
  kernelCall(copyString, text),
  kernelCall(probeRead, read),
  kernelCall(cast, castTo),
  kernelCall(objectAddress, address),
  pureCall(ipv4Of, toIpv4),
  kernelCall(ipv6Of, toIpv6),
  kernelCall(IteratorOutput.prototype.write, write),
];
