/** Checksums and hashes of numbers, addresses and views. */
import { address, anyFamily } from "./addresses.ts";
import { make, type BigintText } from "./bigint-text.ts";
import { U32_MAX, U64_MAX } from "./interval.ts";
import { exact, exactNumber, numberWithin, type NumberText } from "./number-text.ts";
import { packetOffset } from "./packets.ts";
import type { Writing } from "./writing.ts";

const WORD = 0xffffn;

export const checksumCall = (w: Writing, depth: number): NumberText => {
  const { random } = w;
  if (random.chance(0.35)) return update(w, depth);
  const parts = Array.from({ length: random.between(1, 3) }, () => part(w, depth));
  // A record has old bytes in its holes, and a view of an odd number of bytes comes last.
  const views = w.scope.views().filter(({ space }) => space !== "ring");
  const even = views.filter(({ shape }) => !shape.aligned && shape.bytes % 2 === 0);
  if (even.length > 0 && random.chance(0.4)) parts.unshift(random.pick(even).name);
  if (views.length > 0 && random.chance(0.5)) parts.push(random.pick(views).name);
  return exact(`${random.pick(["checksum", "checksum", "sumWords"])}(${parts.join(", ")})`, 0n, WORD);
};

const part = (w: Writing, depth: number): string =>
  w.random.chance(0.4)
    ? address(w, anyFamily(w))
    : numberWithin(w, 0n, w.random.pick([0xffn, WORD, U32_MAX]), depth - 1).text;

const update = (w: Writing, depth: number): NumberText => {
  const old = numberWithin(w, 0n, WORD, depth - 1).text;
  if (w.random.chance(0.6)) return exact(`updateChecksum(${[old, part(w, 0), part(w, 0)].join(", ")})`, 0n, WORD);
  const family = anyFamily(w);
  return exact(`updateChecksum(${old}, ${address(w, family)}, ${address(w, family)})`, 0n, WORD);
};

/** `ctx.packet.sumWords(offset, length)`. */
export const sumOfPacket = (w: Writing): void => {
  const { random } = w;
  const most = random.pick(w.loops > 0 ? [3n, 20n, 63n] : [20n, 60n, 63n, 255n, 1500n, 9216n]);
  const factor = random.pick([1n, 1n, 2n, 4n]);
  const length = random.chance(0.25)
    ? String(random.between(0, Number(most)))
    : `${numberWithin(w, 0n, most / factor, 2).text} * ${factor}`;
  const name = w.name("n");
  w.line(`const ${name} = ctx.packet.sumWords(${packetOffset(w)}, ${length});`);
  w.scope.declare({ kind: "number", name, range: { low: -1n, high: WORD }, assignable: false, wrapped: false });
};

export const hashCall = (w: Writing, depth: number): BigintText => {
  const values = Array.from({ length: w.random.between(0, 4) }, () =>
    w.random.weighted<() => string>([
      [3, () => address(w, anyFamily(w))],
      [2, () => exactNumber(w, depth - 1).text],
      [1, () => w.expressions.bigint(w, depth - 1).text],
    ])(),
  );
  return make(`hash(${[w.expressions.bigint(w, depth - 1).text, ...values].join(", ")})`, 0n, U64_MAX);
};
