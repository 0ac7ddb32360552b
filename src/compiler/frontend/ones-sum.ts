/**
 * Ones' complement sums (RFC 1071). Words are added as they lie in memory and only the result is swapped: the sum does not
 * care for the byte order, nor for which even place a word comes from. So any bytes are added in the widest pieces.
 */
import type { Node } from "../ssa/ir.ts";
import { U32_MAX } from "../ssa/range.ts";
import { knownBytes, loadBytes } from "./memory.ts";
import type { Unit } from "./unit.ts";
import type { Chunk, Region } from "./values.ts";

const WORD = 0xffffn;

export class OnesSum {
  readonly #unit: Unit;
  #node: Node | null = null;
  /** The node is at most this, and never negative. */
  #most = 0n;
  /** What is known while compiling. */
  #constant = 0n;
  /** Keeps the sum from becoming negative where something is taken from it: a multiple of 0xffff, which is a zero. */
  #reserve = 0n;

  constructor(unit: Unit) {
    this.#unit = unit;
  }

  addConstant(value: bigint): void {
    this.#constant += value;
  }

  /** Adds the bytes of a register, in memory order, from an even place on. */
  add({ node, size }: Chunk): void {
    for (const part of this.#narrow(node, size)) {
      if (part.node.op === "const") this.#constant += BigInt.asUintN(32, part.node.imm);
      else this.#add(part.node, part.most);
    }
  }

  /** Adds their complement. */
  addComplement({ node, size }: Chunk): void {
    const { builder } = this.#unit;
    for (const part of this.#narrow(node, size)) {
      if (part.node.op === "const") {
        this.#constant += part.most - BigInt.asUintN(32, part.node.imm);
      } else if (part.most === U32_MAX) {
        this.#add(builder.binary("xor", part.node, builder.constant(-1), 32), U32_MAX);
      } else if (this.#node === null) {
        this.#add(builder.binary("xor", part.node, builder.constant(WORD)), WORD);
      } else {
        this.#reserve += WORD;
        this.#node = builder.binary("sub", this.#node, part.node);
      }
    }
  }

  /**
   * Adds `length` bytes of memory, from an even place on. What the program wrote there is taken from registers: a wider load
   * would wait for its stores.
   */
  addBytes(region: Region, pointer: Node, offset: number, length: number): void {
    let at = offset;
    const end = offset + length;
    const piece = (size: Chunk["size"]): void => {
      this.add({ node: loadBytes(this.#unit, region, pointer, at, size), size });
      at += size;
    };
    const isKnown = (place: number, size: Chunk["size"]): boolean => {
      const node = place + size <= end ? knownBytes(this.#unit, region, pointer, place, size) : null;
      return node !== null && (size === 4 || node.op !== "load" || node.args[0] !== pointer || node.offset !== place);
    };
    const isKnownInParts = (place: number): boolean => isKnown(place, 2) || isKnown(place, 1) || isKnown(place + 1, 1);
    while (at < end) {
      if (isKnown(at, 8)) piece(8);
      else if (isKnown(at, 4)) piece(4);
      else if (end - at >= 4 && !isKnownInParts(at) && !isKnownInParts(at + 2)) piece(4);
      else if (isKnown(at, 2)) piece(2);
      else if (end - at >= 2 && !isKnown(at, 1) && !isKnown(at + 1, 1)) piece(2);
      else {
        piece(1);
        if (at < end) this.#addHigh(loadBytes(this.#unit, region, pointer, at++, 1));
      }
    }
  }

  /** The sum so far, not folded: below 2^63. */
  total(): Node {
    const { builder } = this.#unit;
    const constant = this.#reserve + foldWord(this.#constant);
    if (this.#node === null) return builder.constant(constant);
    return builder.binary("add", this.#node, builder.constant(constant));
  }

  /** The sum's 16 bits, in memory order; what is above them means nothing. */
  folded(): Node {
    return foldRegister(this.#unit, this.total(), this.#most + this.#reserve + foldWord(this.#constant));
  }

  #add(node: Node, most: bigint): void {
    this.#most += most;
    this.#node = this.#node === null ? node : this.#unit.builder.binary("add", this.#node, node);
  }

  /** Adds a byte at an odd place. */
  #addHigh(node: Node): void {
    const { builder } = this.#unit;
    this.add({ node: builder.binary("shl", node, builder.constant(8)), size: 2 });
  }

  #narrow(node: Node, size: Chunk["size"]): { readonly node: Node; readonly most: bigint }[] {
    const { builder } = this.#unit;
    if (size === 8) {
      const halves = [builder.zeroExtend(node, 32), builder.binary("shr", node, builder.constant(32))];
      return halves.map((half) => ({ node: half, most: U32_MAX }));
    }
    return [{ node, most: size === 4 ? U32_MAX : WORD }];
  }
}

/** Folds a constant to 16 bits; only 0 becomes 0. */
const foldWord = (value: bigint): bigint => (value === 0n ? 0n : ((value - 1n) % WORD) + 1n);

/** Up to here one multiplication folds; see below. */
const ONE_STEP = (1n << 48n) - 1n;

/** Folds a register that holds at most `most` to 16 bits; those above mean nothing. */
export const foldRegister = (unit: Unit, sum: Node, most: bigint): Node => {
  const { builder } = unit;
  if (most <= WORD || sum.op === "const") return sum.op === "const" ? builder.constant(foldWord(sum.imm)) : sum;
  const shifted = (node: Node, count: number): Node => builder.binary("shr", node, builder.constant(count));
  if (most <= 2n * WORD) return builder.binary("add", sum, shifted(sum, 16));
  if (most <= ONE_STEP) {
    // Of the words a, b and c the highest becomes a + b + c and what that carries: the word below is a + b + c as well.
    return shifted(builder.binary("mul", sum, builder.constant(0x1_0001_0001_0001n)), 48);
  }
  const half = builder.binary("add", builder.zeroExtend(sum, 32), shifted(sum, 32));
  return foldRegister(unit, half, U32_MAX + (most >> 32n));
};
