/** Places in the packet: a pointer that the verifier follows, and a constant distance from it. */
import { programTypes } from "../../program-types/index.ts";
import type { Node } from "../../ssa/ir.ts";
import { provable } from "../proofs.ts";
import type { Unit } from "../unit.ts";
import type { Epoch, IntegerValue, Region } from "../values.ts";

/** The largest offset the verifier lets a packet pointer reach. */
export const MAX_PACKET_OFFSET = 65_535n;

export interface PacketPlace {
  readonly region: Region;
  readonly pointer: Node;
  /** Bytes from the pointer. */
  readonly offset: number;
  /** The packet's end. */
  readonly end: Node;
}

/** The place of `size` bytes at an offset proven to lie, with them, below {@link MAX_PACKET_OFFSET}. */
export const packetPlace = (unit: Unit, offset: IntegerValue, size: bigint): PacketPlace => {
  const epoch = unit.epoch();
  const { data, end } = epoch;
  const region = packetRegion(unit, epoch);
  if (offset.low === offset.high && offset.high < 0x7000n)
    return { region, pointer: data, offset: Number(offset.low), end };
  const { variable, constant } = splitOffset(offset);
  const proved = provable(unit, variable, 0n, MAX_PACKET_OFFSET - size - constant);
  return { region, pointer: unit.builder.pointerAdd(data, proved), offset: Number(constant), end };
};

/** All packet views may overlap. */
const packetKey = { name: "packet" };
const regions = new WeakMap<Epoch, Region>();

export const packetRegion = ({ type }: Unit, epoch: Epoch): Region => {
  let region = regions.get(epoch);
  if (region === undefined) {
    const writable = programTypes[type].packet?.readOnly !== true;
    regions.set(epoch, (region = { space: "packet", key: packetKey, epoch, writable }));
  }
  return region;
};

/** `x + 8` and `x + 12` share one pointer, and so one bounds check can serve both. */
const splitOffset = (offset: IntegerValue): { variable: IntegerValue; constant: bigint } => {
  const { node } = offset;
  const [left, right] = node.args;
  if (
    node.op === "add" &&
    node.width === 64 &&
    left !== undefined &&
    right?.op === "const" &&
    right.imm > 0n &&
    right.imm < 0x7000n &&
    offset.low >= right.imm
  ) {
    const [low, high] = [offset.low - right.imm, offset.high - right.imm];
    return { variable: { ...offset, node: left, low, high }, constant: right.imm };
  }
  return { variable: offset, constant: 0n };
};
