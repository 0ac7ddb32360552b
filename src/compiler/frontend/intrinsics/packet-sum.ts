/**
 * The ones' complement sum of a run-time number of packet bytes: `packet.sumWords`.
 *
 * The first bytes are those that are not a whole number of 32: pieces of 16, 8, 4 and 2 of them, as the bits of the length say; the
 * loop over the rest comes last. Each piece is reached by a pointer of its own from the start, so to the verifier all
 * ways through a piece, and all numbers of rounds of the loop, end alike and are looked at once.
 */
import { Packet } from "../../../kernel/packet-context.ts";
import type { Node } from "../../ssa/ir.ts";
import { S64_MAX, S64_MIN, U64_MAX } from "../../ssa/range.ts";
import { bind, branch, jump, Label } from "../flow.ts";
import { proofAdvice } from "../fresh-reads.ts";
import { foldRegister, OnesSum } from "../ones-sum.ts";
import { provable } from "../proofs.ts";
import type { Unit } from "../unit.ts";
import { statik, type IntegerValue, type Test, type Value } from "../values.ts";
import { wordValue } from "./checksum.ts";
import { kernelCall, numberArgument, type IntrinsicCall, type IntrinsicEntry } from "./intrinsic.ts";
import { MAX_PACKET_OFFSET, packetPlace, type PacketPlace } from "./packet-place.ts";

/** Jumbo frames; the verifier looks at each round of the loop. */
const LONGEST = 9216n;

/** Bytes that one round of the loop adds. */
const ROUND = 32;

/** Bytes that are known to be there and added one after the other. */
const STRAIGHT = 64;

const sumWords = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const length = numberArgument(call, 1, "the length");
  if (length.low < 0n || length.high > LONGEST)
    return unit.refuse(
      "HM1203",
      `the length must be proven to lie in 0..${LONGEST}, it is in ${length.low}..${length.high}; ${proofAdvice(unit, length, "test it first")}`,
    );
  const offset = numberArgument(call, 0, "the offset");
  if (offset.low < 0n || offset.high + length.high > MAX_PACKET_OFFSET)
    return unit.refuse(
      "HM1203",
      `the offset must be proven to lie in 0..${MAX_PACKET_OFFSET - length.high}, it is in ${offset.low}..${offset.high}; ${proofAdvice(unit, offset, "mask or test it first")}`,
    );
  return new PacketSum(unit, packetPlace(unit, offset, length.high), length).value();
};

class PacketSum {
  readonly #unit: Unit;
  readonly #place: PacketPlace;
  readonly #length: IntegerValue;
  /** Where the packet turns out to be shorter. */
  readonly #short: Label;
  #sum: Node;
  #most = 0n;

  constructor(unit: Unit, place: PacketPlace, length: IntegerValue) {
    this.#unit = unit;
    this.#place = place;
    this.#length = length;
    this.#short = new Label(unit);
    this.#sum = unit.builder.constant(0);
  }

  value(): Value {
    const unit = this.#unit;
    const { low, high } = this.#length;
    const end = new Label(unit);
    const front = Number(low) > STRAIGHT ? STRAIGHT : low === high ? Number(low) : Number(low) & ~3;
    this.#straight(front);
    if (high > BigInt(front)) this.#rest(front);
    jump(unit, end, wordValue(unit, foldRegister(unit, this.#sum, this.#most)));
    if (this.#short.edges.length > 0) {
      bind(unit, this.#short);
      jump(unit, end, statik(-1));
    }
    return bind(unit, end);
  }

  #straight(length: number): void {
    const { pointer, offset, region } = this.#place;
    // Where a register is compared as it stands, the verifier forgets what it knew of it: `data > end` is never tested.
    if (length === 0) return;
    this.#require(pointer, offset + length);
    const sum = new OnesSum(this.#unit);
    sum.addBytes(region, pointer, offset, length);
    this.#sum = sum.total();
    this.#most = BigInt(length) << 32n;
  }

  #rest(front: number): void {
    const unit = this.#unit;
    const { builder } = unit;
    const { low, high, node } = this.#length;
    const start = this.#place.offset + front;
    const most = high - BigInt(front);
    const divisor = divisorOf(node);
    // The verifier is to see that the loop ends.
    const rest = builder.binary("sub", provable(unit, this.#length, BigInt(front), high), builder.constant(front));
    this.#most += most << 32n;
    if (low > BigInt(front)) return this.#pieces(rest, start, most, divisor);
    this.#unlessZero(rest, () => this.#pieces(rest, start, most, divisor));
  }

  #pieces(rest: Node, start: number, most: bigint, divisor: number): void {
    const isLong = most >= 2n * BigInt(ROUND);
    let passed = 0;
    for (const size of isLong ? [16, 8, 4, 2] : [32, 16, 8, 4, 2]) {
      if (size < divisor || BigInt(size) > most) continue;
      this.#piece(rest, size, passed, start);
      passed |= size;
    }
    if (divisor === 1) this.#piece(rest, 1, 0x3ffe, start);
    if (isLong) this.#loop(rest, passed, start);
  }

  /** Adds `size` bytes behind those that the bits `passed` of the length say, where the length has the bit. */
  #piece(rest: Node, size: number, passed: number, start: number): void {
    const unit = this.#unit;
    this.#unlessZero(unit.builder.binary("and", rest, unit.builder.constant(size)), () => {
      const behind = this.#require(this.#after(rest, passed), start + size);
      [this.#sum] = this.#words(behind, size, [this.#sum]) as [Node];
    });
  }

  /** Adds what is left, 32 bytes a round, in two sums that do not wait for each other. */
  #loop(rest: Node, passed: number, start: number): void {
    const unit = this.#unit;
    const { builder } = unit;
    const rounds = builder.binary("shr", rest, builder.constant(Math.log2(ROUND)));
    this.#unlessZero(rounds, () => this.#rounds(rounds, this.#after(rest, passed), start));
  }

  #rounds(rounds: Node, after: Node, start: number): void {
    const unit = this.#unit;
    const { builder } = unit;
    const from = builder.pointerAdd(after, builder.constant(start));
    const entry = [from, rounds, this.#sum, builder.constant(0)];
    builder.loopDepth++;
    const head = builder.newBlock();
    builder.jump(head);
    builder.block = head;
    const phis = entry.map((node) => builder.phi([node], S64_MIN, S64_MAX));
    const [pointer, left, even, odd] = phis as [Node, Node, Node, Node];
    const next = this.#require(pointer, ROUND);
    const sums = this.#words(next, ROUND, [even, odd]);
    const fewer = builder.binary("sub", left, builder.constant(1));
    const [again, out] = [new Label(unit), new Label(unit)];
    branch(unit, isZero(unit, fewer), out, again);
    bind(unit, again);
    builder.jump(head);
    [next, fewer, ...sums].forEach((node, at) => phis[at]?.args.push(node));
    builder.loopDepth--;
    bind(unit, out);
    this.#sum = builder.binary("add", sums[0] as Node, sums[1] as Node);
  }

  /** A pointer behind the bytes that the bits `passed` of the length say. */
  #after(rest: Node, passed: number): Node {
    const { builder } = this.#unit;
    const { pointer } = this.#place;
    if (passed === 0) return pointer;
    return builder.pointerAdd(pointer, builder.binary("and", rest, builder.constant(passed)));
  }

  /** Leaves where the packet ends before `bytes` behind the pointer. Returns the pointer that shows it, `bytes` further on. */
  #require(pointer: Node, bytes: number): Node {
    const unit = this.#unit;
    const behind = unit.builder.pointerAdd(pointer, unit.builder.constant(bytes));
    if (unit.presenceOf(pointer).present >= bytes) return behind;
    const there = new Label(unit);
    const test: Test = {
      condition: "gt",
      left: behind,
      right: this.#place.end,
      width: 64,
      whenTrue: [{ kind: "absent", pointer, bytes }],
      whenFalse: [{ kind: "present", pointer, bytes }],
    };
    branch(unit, test, this.#short, there);
    bind(unit, there);
    return behind;
  }

  /** Adds the `length` bytes before the pointer to the sums, in turn. */
  #words(pointer: Node, length: number, sums: readonly Node[]): readonly Node[] {
    const { builder } = this.#unit;
    const size = length >= 4 ? 4 : (length as 1 | 2);
    const result = [...sums];
    for (let at = 0; at < length; at += size) {
      const turn = (at / size) % sums.length;
      const word = builder.load(pointer, at - length, size, "packet");
      result[turn] = builder.binary("add", result[turn] as Node, word);
    }
    return result;
  }

  /** Adds something where `node` is not 0. */
  #unlessZero(node: Node, add: () => void): void {
    const unit = this.#unit;
    if (node.op === "const") return node.imm === 0n ? undefined : add();
    const [some, none, end] = [new Label(unit), new Label(unit), new Label(unit)];
    const before = this.#sum;
    branch(unit, isZero(unit, node), none, some);
    bind(unit, some);
    add();
    jump(unit, end, sumValue(this.#sum));
    bind(unit, none);
    jump(unit, end, sumValue(before));
    const sum = bind(unit, end);
    if (sum.kind !== "integer") throw new Error("two sums meet in one");
    this.#sum = sum.node;
  }
}

const sumValue = (node: Node): IntegerValue => ({
  kind: "integer",
  type: "bigint",
  node,
  low: 0n,
  high: U64_MAX,
  wrapped: false,
});

const isZero = (unit: Unit, node: Node): Test => ({
  condition: "eq",
  left: node,
  right: unit.builder.constant(0),
  width: 64,
  whenTrue: [],
  whenFalse: [],
});

/** 1, 2 or 4: what divides the value, as its operation shows. */
const divisorOf = ({ op, args: [, right] }: Node): 1 | 2 | 4 => {
  if (right?.op !== "const") return 1;
  const factor = op === "shl" ? 1n << right.imm : op === "mul" || op === "and" ? right.imm : 1n;
  return factor % 4n === 0n ? 4 : factor % 2n === 0n ? 2 : 1;
};

export const packetSumIntrinsics: readonly IntrinsicEntry[] = [kernelCall(Packet.prototype.sumWords, sumWords)];
