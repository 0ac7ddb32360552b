/** The Internet checksum of views, addresses and numbers. */
import { checksum, sumWords, updateChecksum } from "../../../kernel/checksum.ts";
import type { Node } from "../../ssa/ir.ts";
import { U32_MAX } from "../../ssa/range.ts";
import { constantChunks } from "../addresses.ts";
import { exactInteger } from "../integers.ts";
import { OnesSum } from "../ones-sum.ts";
import type { Unit } from "../unit.ts";
import { describe, isStatic, statik, type Chunk, type Value } from "../values.ts";
import { requirePresent } from "../views.ts";
import { argument, blameArgument, pureCall, type IntrinsicCall, type IntrinsicEntry } from "./intrinsic.ts";

const WORD = 0xffffn;

/** What a `be16` field reads of 16 bits in memory order. */
export const wordValue = (unit: Unit, word: Node): Value => {
  const node = unit.builder.byteSwap(word, 16);
  if (node.op === "const") return statik(Number(node.imm));
  return { kind: "integer", type: "number", node, low: 0n, high: WORD, wrapped: false };
};

const sumOf = (call: IntrinsicCall): OnesSum => {
  const sum = new OnesSum(call.unit);
  call.args.forEach((part, at) => {
    blameArgument(call, at);
    if (part.kind !== "view") {
      for (const chunk of chunksOf(call, part)) sum.add(chunk);
      return;
    }
    requirePresent(call.unit, part);
    if (part.layout.size % 2 !== 0 && at + 1 < call.args.length)
      call.unit.refuse(
        "HM1007",
        `${part.layout.name} has an odd number of bytes and must come last; pass it behind the other parts, or declare it with one more byte`,
      );
    sum.addBytes(part.region, part.pointer, part.offset, part.layout.size);
  });
  return sum;
};

/** A number or an address as the bytes of a field. */
const chunksOf = (call: IntrinsicCall, part: Value): readonly Chunk[] => {
  const { unit } = call;
  if (part.kind === "wide") return part.chunks;
  const constant = constantChunks(unit, part);
  if (constant !== null) return constant;
  if (part.kind !== "integer" && !(isStatic(part) && typeof part.value === "number"))
    return unit.refuse(
      "HM1007",
      `a view, an address or a number is needed here, not ${describe(part)}; name its parts one by one, such as ip.source, ip.destination`,
    );
  const value = exactInteger(unit, part, "a part of a checksum");
  if (value.type !== "number")
    return unit.refuse("HM1101", "a bigint is no part of a checksum; give Number(…) of each 32 bits of it");
  if (value.low < 0n || value.high > U32_MAX)
    return unit.refuse(
      "HM1007",
      `a part of a checksum must be proven to lie in 0..2^32-1, it is in ${value.low}..${value.high}; test it first`,
    );
  const size = value.high <= WORD ? 2 : 4;
  return [{ node: unit.builder.byteSwap(value.node, size === 2 ? 16 : 32), size }];
};

const complement = (unit: Unit, node: Node): Node => unit.builder.binary("xor", node, unit.builder.constant(-1));

const update = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const [old, from, to] = (["the checksum", "what was there", "what is there now"] as const).map((what, at) =>
    chunksOf(call, argument(call, at, what)),
  ) as [readonly Chunk[], readonly Chunk[], readonly Chunk[]];
  if (old.length !== 1 || old[0]?.size !== 2)
    return unit.refuse(
      "HM1007",
      "the checksum must be proven to lie in 0..65535; give a be16 field, or mask it with & 0xffff",
      call.places[0],
    );
  const sum = new OnesSum(unit);
  for (const chunk of to) sum.add(chunk);
  for (const chunk of [...old, ...from]) sum.addComplement(chunk);
  // Of the two zeros this makes the sum the one whose complement is 0.
  sum.addConstant(WORD);
  return wordValue(unit, complement(unit, sum.folded()));
};

export const checksumIntrinsics: readonly IntrinsicEntry[] = [
  pureCall(checksum, (call) => wordValue(call.unit, complement(call.unit, sumOf(call).folded()))),
  pureCall(sumWords, (call) => wordValue(call.unit, sumOf(call).folded())),
  pureCall(updateChecksum, update),
];
