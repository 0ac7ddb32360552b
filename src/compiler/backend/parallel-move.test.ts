import { describe, expect, it, test } from "vitest";
import type { Rebuild } from "./machine.ts";
import { FIRST_SLOT, type Location, type Move, sequenceMoves } from "./parallel-move.ts";
import { random } from "./testing/random.ts";

const S = FIRST_SLOT;
const SCRATCH = 1000;
const constant = (value: bigint): Rebuild => ({ kind: "const", value });
const noneFree = { register: (): number => -1, slot: (index: number): Location => SCRATCH + index };
const freeIs = (...free: number[]): typeof noneFree => ({
  register: (except?: Location) => free.find((each) => each !== except) ?? -1,
  slot: noneFree.slot,
});

const text = (place: Location | Rebuild): string =>
  typeof place !== "number"
    ? place.kind === "const"
      ? `${place.value}`
      : place.kind
    : place < S
      ? `r${place}`
      : `s${place - S}`;
const show = (moves: readonly Move[]): string[] => moves.map(({ to, from }) => `${text(to)} = ${text(from)}`);

test("a value that another move still reads is overwritten last", () => {
  expect(show(sequenceMoves([{ to: 1, from: 2 }, { to: 2, from: 3 }], noneFree))).toEqual(["r1 = r2", "r2 = r3"]); // prettier-ignore
  expect(show(sequenceMoves([{ to: 2, from: 3 }, { to: 1, from: 2 }], noneFree))).toEqual(["r1 = r2", "r2 = r3"]); // prettier-ignore
});

test("a move to where the value is does nothing", () => {
  expect(sequenceMoves([{ to: 1, from: 1 }], noneFree)).toEqual([]);
});

test("two registers change places through a free one, or through memory", () => {
  const exchange = [
    { to: 1, from: 2 },
    { to: 2, from: 1 },
  ];
  expect(show(sequenceMoves(exchange, freeIs(5)))).toEqual(["r5 = r1", "r1 = r2", "r2 = r5"]);
  expect(show(sequenceMoves(exchange, noneFree))).toEqual([`s${SCRATCH - S} = r1`, "r1 = r2", `r2 = s${SCRATCH - S}`]);
});

test("what no instruction can write to memory goes through a register", () => {
  expect(show(sequenceMoves([{ to: S, from: S + 1 }], freeIs(4)))).toEqual(["r4 = s1", "s0 = r4"]);
  expect(show(sequenceMoves([{ to: S, from: constant(7n) }], noneFree))).toEqual(["s0 = 7"]);
  const saved = `s${SCRATCH + 1 - S}`;
  expect(show(sequenceMoves([{ to: S, from: constant(1n << 40n) }], noneFree))).toEqual([
    `${saved} = r0`,
    `r0 = ${1n << 40n}`,
    "s0 = r0",
    `r0 = ${saved}`,
  ]);
});

describe("any moves, one after the other, do what they do at once", () => {
  it.each([
    ["with free registers", [7, 8]],
    ["with one", [7]],
    ["with none", []],
  ] as const)("%s", (_, free) => {
    for (let seed = 0; seed < 3000; seed++) {
      const { below, once } = random(seed);
      const places = [0, 1, 2, 3, 4, 5, S, S + 1, S + 2];
      const moves: Move[] = [];
      for (const to of places) {
        if (once(3)) continue;
        const from = once(6) ? constant(BigInt(below(3)) << (once(2) ? 40n : 0n)) : places[below(places.length)]!;
        moves.push({ to, from });
      }
      const before = new Map<Location, string>([...places, ...free].map((place) => [place, text(place)]));
      const value = (state: ReadonlyMap<Location, string>, from: Location | Rebuild): string =>
        typeof from === "number" ? state.get(from)! : text(from);
      const expected = new Map(before);
      for (const { to, from } of moves) expected.set(to, value(before, from));
      const actual = new Map(before);
      const sequence = sequenceMoves(moves, freeIs(...free));
      for (const { to, from } of sequence) {
        const isOneInstruction =
          to < S || (typeof from === "number" ? from < S : from.kind === "const" && from.value < 1n << 31n);
        expect(isOneInstruction, `seed ${seed}: ${show(sequence).join("; ")}`).toBe(true);
        actual.set(to, value(actual, from));
      }
      for (const place of places) {
        expect(actual.get(place), `seed ${seed}: ${show(moves).join(", ")} by ${show(sequence).join("; ")}`).toBe(
          expected.get(place),
        );
      }
    }
  });
});
