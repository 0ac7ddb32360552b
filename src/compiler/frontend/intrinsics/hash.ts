/** `hash`: a few instructions for 8 bytes. */
import { HASH_FACTOR, hash } from "../../../kernel/hash.ts";
import type { Node } from "../../ssa/ir.ts";
import { U64_MAX } from "../../ssa/range.ts";
import { constantChunks } from "../addresses.ts";
import { exactInteger, toInteger } from "../integers.ts";
import { loadTogether } from "../memory.ts";
import type { Unit } from "../unit.ts";
import { describe, isStatic, type Chunk, type Value } from "../values.ts";
import { argument, blameArgument, pureCall, type IntrinsicCall, type IntrinsicEntry } from "./intrinsic.ts";

const apply = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const [, ...values] = call.args;
  let result = word(call, argument(call, 0, "the seed"), "bigint");
  let bytes: Chunk[] = [];
  const mixBytes = (): void => {
    for (const node of joined(unit, bytes)) result = mix(unit, result, node);
    bytes = [];
  };
  for (const [at, value] of values.entries()) {
    blameArgument(call, at + 1);
    const chunks = value.kind === "wide" ? value.chunks : constantChunks(unit, value);
    if (chunks !== null) {
      bytes.push(...chunks);
      continue;
    }
    mixBytes();
    result = mix(unit, result, word(call, value, null));
  }
  mixBytes();
  return { kind: "integer", type: "bigint", node: result, low: 0n, high: U64_MAX, wrapped: false };
};

/** The low 64 bits of a number or a bigint. */
const word = (call: IntrinsicCall, value: Value, type: "bigint" | null): Node => {
  const { unit } = call;
  const isOther = value.kind !== "integer" && !(isStatic(value) && /^(?:number|bigint)$/.test(typeof value.value));
  const integer = isOther ? null : toInteger(unit, value);
  if (integer === null || (type !== null && integer.type !== type)) {
    const wanted = type !== null ? "a bigint" : "a number, a bigint or an address";
    return unit.refuse(
      "HM1007",
      `${wanted} is needed here, not ${describe(value)}; ${type === null ? "give its fields one by one" : "write a seed such as 1n, before what is to be hashed"}`,
    );
  }
  return integer.type === "number" ? exactInteger(unit, value, "a value to hash").node : integer.node;
};

const mix = (unit: Unit, state: Node, value: Node): Node => {
  const { builder } = unit;
  const product = builder.binary("mul", builder.binary("xor", state, value), builder.constant(HASH_FACTOR));
  return builder.binary("xor", product, builder.binary("shr", product, builder.constant(32)));
};

/** Registers' bytes one behind the other, cut into 8 each. */
const joined = (unit: Unit, chunks: readonly Chunk[]): Node[] => {
  const { builder } = unit;
  const words: Node[] = [];
  let word = builder.constant(0);
  let filled = 0;
  for (let at = 0; at < chunks.length; at++) {
    const { node, size } = chunks[at] as Chunk;
    const next = chunks[at + 1];
    const both = filled === 0 && next !== undefined ? loadTogether(unit, node, next.node) : null;
    if (both !== null) {
      words.push(both);
      at++;
      continue;
    }
    word = builder.binary("or", builder.binary("shl", node, builder.constant(filled * 8)), word);
    filled += size;
    if (filled < 8) continue;
    words.push(word);
    filled -= 8;
    word = filled === 0 ? builder.constant(0) : builder.binary("shr", node, builder.constant((size - filled) * 8));
  }
  return filled === 0 ? words : [...words, word];
};

export const hashIntrinsics: readonly IntrinsicEntry[] = [pureCall(hash, apply)];
