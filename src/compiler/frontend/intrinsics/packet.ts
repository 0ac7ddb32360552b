/** The packet and the context's methods: bounds, moving, copying. */
import { TcContext, XdpContext } from "../../../kernel/context.ts";
import { Packet, PacketContext } from "../../../kernel/packet-context.ts";
import type { Layout } from "../../../wire/layout.ts";
import type { Node } from "../../ssa/ir.ts";
import { U32_MAX } from "../../ssa/range.ts";
import { writeStruct } from "../fields.ts";
import { select } from "../select.ts";
import { proofAdvice } from "../fresh-reads.ts";
import { asNode } from "../integers.ts";
import { forget, loadBytes, storeBytes } from "../memory.ts";
import type { Unit } from "../unit.ts";
import { provable } from "../proofs.ts";
import { contextRegion, type Region, type Value, type ViewValue } from "../values.ts";
import { queueBacklog } from "./backlog.ts";
import { checksumPartial } from "./checksum-partial.ts";
import { fromEnvironment } from "./environment.ts";
import { helperTarget } from "./helper-target.ts";
import { Helper, succeeded } from "./helper.ts";
import {
  argument,
  kernelCall,
  numberArgument,
  staticArgument,
  wrongArgument,
  type IntrinsicCall,
  type IntrinsicEntry,
} from "./intrinsic.ts";
import { MAX_PACKET_OFFSET, packetPlace } from "./packet-place.ts";
import { stackRegion } from "./stack.ts";

export const layoutArgument = (call: IntrinsicCall, at: number): Layout => {
  const layout = staticArgument(call, at, "the layout");
  if (typeof layout === "object" && layout !== null && "kind" in layout && layout.kind === "layout")
    return layout as Layout;
  return wrongArgument(call, at, "a layout", "pass a header such as Ethernet, or declare one with struct(name, { … })");
};

const packetAt = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const layout = layoutArgument(call, 0);
  const offset = numberArgument(call, 1, "the offset");
  if (offset.low < 0n || offset.high + BigInt(layout.size) > MAX_PACKET_OFFSET) {
    return unit.refuse(
      "HM1203",
      `the offset must be proven to lie in 0..${MAX_PACKET_OFFSET - BigInt(layout.size)}, it is in ${offset.low}..${offset.high}; ${proofAdvice(unit, offset, "mask or test it first")}`,
    );
  }
  const { region, pointer, offset: constant } = packetPlace(unit, offset, BigInt(layout.size));
  return { kind: "view", layout, region, pointer, offset: constant, nullable: "bounds" };
};

const number = (call: IntrinsicCall, at: number, what: string): Node => numberArgument(call, at, what).node;

/** A call that moves the packet. */
const moving = (call: IntrinsicCall, helper: number, args: readonly Node[]): Value => {
  const { unit } = call;
  const result = unit.builder.call(helper, [unit.builder.context, ...args]);
  unit.newEpoch();
  return succeeded(unit, result);
};

const loadHelper = ({ type }: Unit): number => (type === "xdp" ? Helper.xdpLoadBytes : Helper.skbLoadBytes);

const load = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { builder } = unit;
  const layout = layoutArgument(call, 1);
  const slot = builder.newSlot(layout.size, `a ${layout.name} read from the packet`);
  const pointer = builder.slotPointer(slot);
  const region = stackRegion(slot);
  const result = builder.call(loadHelper(unit), [
    builder.context,
    number(call, 0, "the offset"),
    pointer,
    builder.constant(layout.size),
  ]);
  forget(unit, region);
  const failed = {
    condition: "ne",
    left: result,
    right: builder.constant(0),
    width: 64,
    whenTrue: [],
    whenFalse: [],
  } as const;
  return {
    kind: "view",
    layout,
    region,
    pointer: select(unit, failed, builder.constant(0), pointer),
    offset: 0,
    nullable: "zero",
  };
};

const loadInto = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { builder } = unit;
  const { view, field, offset } = helperTarget(call);
  const bytes = field.bits / 8;
  const length = numberArgument(call, 3, "the length");
  if (length.low < 1n || length.high > BigInt(bytes)) {
    return unit.refuse(
      "HM1204",
      `the length must be proven to lie in 1..${bytes}, it is in ${length.low}..${length.high}; ${proofAdvice(unit, length, "mask or test it first")}`,
    );
  }
  const pointer = offset === 0 ? view.pointer : builder.pointerAdd(view.pointer, builder.constant(offset));
  const result = builder.call(loadHelper(unit), [
    builder.context,
    number(call, 2, "the offset"),
    pointer,
    provable(unit, length, 1n, BigInt(bytes)),
  ]);
  forget(unit, view.region);
  return succeeded(unit, result);
};

const store = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { builder } = unit;
  const layout = layoutArgument(call, 1);
  const slot = unit.acquireSlot(layout.size, `a ${layout.name} to store`);
  const view: ViewValue = {
    kind: "view",
    layout,
    region: stackRegion(slot),
    pointer: builder.slotPointer(slot),
    offset: 0,
    nullable: null,
  };
  writeStruct(unit, view, argument(call, 2, "the value"));
  const args = [number(call, 0, "the offset"), view.pointer, builder.constant(layout.size)];
  const recompute = builder.constant(1);
  const result =
    unit.type === "xdp"
      ? moving(call, Helper.xdpStoreBytes, args)
      : moving(call, Helper.skbStoreBytes, [...args, recompute]);
  unit.releaseSlot(slot);
  return result;
};

const redirect = (call: IntrinsicCall): Value => {
  const { builder } = call.unit;
  const flags = call.args[1] === undefined ? builder.constant(0) : number(call, 1, "the flags");
  const node = builder.call(Helper.redirect, [number(call, 0, "the interface"), flags]);
  return { kind: "integer", type: "number", node, low: -1n, high: 7n, wrapped: false };
};

const redirectNeigh = (call: IntrinsicCall): Value => {
  const { builder } = call.unit;
  const none = builder.constant(0);
  const node = builder.call(Helper.redirectNeigh, [number(call, 0, "the interface"), none, none, none]);
  return { kind: "integer", type: "number", node, low: -1n, high: 7n, wrapped: false };
};

const setTimestamp = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const time = asNode(unit, argument(call, 0, "the time"), "bigint", "the time", 64);
  const result = unit.builder.call(Helper.skbSetTimestamp, [unit.builder.context, time, number(call, 1, "the clock")]);
  forget(unit, contextRegion);
  return succeeded(unit, result);
};

/** Calls the helper that knows a device's MTU; interface 0 is the program's own. `read` gets its answer and the stack bytes it wrote the MTU to. */
const checkMtu = <T>(
  unit: Unit,
  { ifindex, growth }: { readonly ifindex: Node; readonly growth: Node },
  read: (result: Node, region: Region, pointer: Node) => T,
): T => {
  const { builder } = unit;
  const slot = unit.acquireSlot(8, "an MTU");
  const pointer = builder.slotPointer(slot);
  const region = stackRegion(slot);
  // The helper reads a length here (0: the packet's own) and writes the MTU back.
  storeBytes(unit, region, pointer, 0, 8, builder.constant(0));
  const result = builder.call(Helper.checkMtu, [builder.context, ifindex, pointer, growth, builder.constant(0)]);
  forget(unit, region);
  const value = read(result, region, pointer);
  unit.releaseSlot(slot);
  return value;
};

const fits = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const growth = number(call, 0, "the growth");
  return checkMtu(unit, { ifindex: unit.builder.constant(0), growth }, (result) => succeeded(unit, result));
};

/** 0 where the helper refuses to say. */
const mtu = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const growth = unit.builder.constant(0);
  const ifindex = call.args[0] === undefined ? growth : number(call, 0, "the interface");
  return checkMtu(unit, { ifindex, growth }, (_, region, pointer) => {
    const node = loadBytes(unit, region, pointer, 0, 4);
    return { kind: "integer", type: "number", node, low: 0n, high: U32_MAX, wrapped: false };
  });
};

/** The helper takes the EtherType in network order. */
const vlanPush = (call: IntrinsicCall): Value => {
  const protocol = call.unit.builder.byteSwap(number(call, 0, "the EtherType"), 16);
  const result = moving(call, Helper.skbVlanPush, [protocol, number(call, 1, "the tag")]);
  forget(call.unit, contextRegion);
  return result;
};

const vlanPop = (call: IntrinsicCall): Value => {
  const result = moving(call, Helper.skbVlanPop, []);
  forget(call.unit, contextRegion);
  return result;
};

const egressBacklog = (call: IntrinsicCall): Value => {
  const { unit } = call;
  return fromEnvironment(unit, "egressBacklog") ?? queueBacklog(unit);
};

export const packetIntrinsics: readonly IntrinsicEntry[] = [
  kernelCall(Packet.prototype.at, packetAt),
  kernelCall(TcContext.prototype.pull, (call) => moving(call, Helper.skbPullData, [number(call, 0, "the length")])),
  kernelCall(TcContext.prototype.adjustRoom, (call) =>
    moving(call, Helper.skbAdjustRoom, [
      number(call, 0, "the length"),
      number(call, 1, "the mode"),
      number(call, 2, "the flags"),
    ]),
  ),
  kernelCall(TcContext.prototype.changeHead, (call) =>
    moving(call, Helper.skbChangeHead, [number(call, 0, "the length"), call.unit.builder.constant(0)]),
  ),
  kernelCall(XdpContext.prototype.adjustHead, (call) =>
    moving(call, Helper.xdpAdjustHead, [number(call, 0, "the length")]),
  ),
  kernelCall(XdpContext.prototype.adjustTail, (call) =>
    moving(call, Helper.xdpAdjustTail, [number(call, 0, "the length")]),
  ),
  kernelCall(PacketContext.prototype.load, load),
  kernelCall(PacketContext.prototype.loadInto, loadInto),
  kernelCall(TcContext.prototype.store, store),
  kernelCall(XdpContext.prototype.store, store),
  kernelCall(TcContext.prototype.redirect, redirect),
  kernelCall(XdpContext.prototype.redirect, redirect),
  kernelCall(TcContext.prototype.redirectNeigh, redirectNeigh),
  kernelCall(TcContext.prototype.cloneRedirect, (call) =>
    moving(call, Helper.cloneRedirect, [
      number(call, 0, "the interface"),
      call.args[1] === undefined ? call.unit.builder.constant(0) : number(call, 1, "the flags"),
    ]),
  ),
  kernelCall(TcContext.prototype.fits, fits),
  kernelCall(TcContext.prototype.mtu, mtu),
  kernelCall(TcContext.prototype.vlanPush, vlanPush),
  kernelCall(TcContext.prototype.vlanPop, vlanPop),
  kernelCall(TcContext.prototype.checksumPartial, ({ unit }) => checksumPartial(unit)),
  kernelCall(TcContext.prototype.setTimestamp, setTimestamp),
  kernelCall(TcContext.prototype.egressBacklog, egressBacklog),
];
