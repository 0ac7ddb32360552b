/** Arrays and objects of what is known only at run time, and values that may be missing. */
import { arrayMap } from "../../../src/kernel/maps.ts";
import type { TcContext } from "../../../src/kernel/context.ts";
import { tc } from "../../../src/kernel/program.ts";
import { range } from "../../../src/kernel/range.ts";
import { ipv4 } from "../../../src/wire/address.ts";
import { array, be16, header, ipv4Address, struct, u32, u8 } from "../../../src/wire/layout.ts";

const Input = header("Input", "", { a: u8, b: u8, port: be16, from: ipv4Address, to: ipv4Address });
const Byte = header("Byte", "", { value: u8 });
const Bytes = header("Bytes", "", { values: array(u8, 6) });
const Results = struct("Results", { values: array(u32, 64) });
export const results = arrayMap(Results, { entries: 1, name: "results" });

const weights = [5, 6, 70, 8];
const servers = [ipv4("10.0.0.1"), ipv4("10.0.0.2")];
const rules = [
  { port: 80, weight: 3 },
  { port: 443, weight: 5 },
];
const names = new Map([
  [22, 7],
  [53, 9],
]);

type At = number;
const writer = (): ((at: At, value: number) => void) => {
  const result = results.lookup(0);
  return (at, value) => {
    if (result !== null) result.values[at] = ((Math.imul(result.values[at]!, 31) >>> 0) + value) >>> 0;
  };
};

const pair = (x: number, y: number): [number, number] => (x > 100 ? [y, x] : [x, y + 1]);
const sum = (...terms: number[]): number => terms.reduce((all, term) => all + term, 0);
const nested = (x: number, y: number) => ({ first: { x, both: [x, y] as const }, count: 2 });
const padded = (x: number, [y, z = x]: readonly number[], { w = 4 }: { w?: number } = {}): number =>
  x + y! * 2 + z * 3 + w;

/** Arrays whose elements are numbers of the packet. */
export const tuples = tc(
  (ctx) => {
    const input = ctx.packet.at(Input, 14);
    if (input === null) return 0;
    const write = writer();
    const { a, b, port } = input;
    const [low, high] = pair(a, b);
    const few = [a, b];
    write(0, low * 1000 + high);
    write(1, sum(a, 3, b) + sum() + sum(...few, 1));
    const {
      first: {
        x,
        both: [, y],
      },
      count,
      other = 5,
    } = nested(a, b) as ReturnType<typeof nested> & { other?: number };
    write(2, x + y * 300 + count + other);
    write(3, padded(a, [b]) + padded(a, [b, 7], { w: a }));
    write(4, weights[a & 3]! + [a, b, 9][b % 3]!);
    if (a < rules.length) write(5, rules[a]!.weight);
    let [one, two] = [a, b];
    [one, two] = [two, one];
    ({ a: one, b: two = 8 } = { a: two + 1 } as { a: number; b?: number });
    write(6, one * 300 + two);
    write(7, [80, 443].includes(port) ? 1 : 2);
    write(8, [80, 443, 22].indexOf(port) + 1);
    write(9, weights.some((weight) => weight === a) ? 1 : weights.every((weight) => weight < b) ? 2 : 3);
    write(10, rules.findIndex((rule) => rule.port === port) + 1);
    write(
      11,
      weights
        .map((weight) => weight + a)
        .slice(1)
        .concat([b])
        .reduce((all, term) => all ^ term),
    );
    write(12, [a, b].filter((_, at) => at > 0).length + [a, b].at(-1)!);
    const known = servers.includes(input.from);
    [input.from, input.to] = [input.to, known ? servers[b & 1]! : input.from];
    const bytes = ctx.packet.at(Bytes, 14);
    if (bytes !== null) {
      let all = 0;
      for (const byte of bytes.values) {
        bytes.values[5] = 7;
        all = all * 2 + byte;
      }
      const [first, , third] = bytes.values;
      write(16, all + first! * 3 + third!);
      write(
        17,
        [...bytes.values].some((value) => value === 53)
          ? 1
          : [..."ab"].every((letter, at) => bytes.values[at] === letter.charCodeAt(0))
            ? 2
            : 3,
      );
    }
    let total = 0;
    for (const at of range(0, 8)) {
      const byte = ctx.packet.at(Byte, at);
      if (byte === null) break;
      total += byte.value * (at + 1);
      total += weights[at & 3]!;
    }
    write(13, total);
    weights.forEach((weight, at) => {
      if (weight === b) write(14, at);
    });
    write(15, names.has(port) ? (names.get(port) ?? 0) : 1);
    return 0;
  },
  { name: "tuples" },
);

const portOf = (ctx: TcContext): number | null => {
  const input = ctx.packet.at(Input, 14);
  if (input === null || input.port === 9) return null;
  return input.port;
};

const below = (x: number, limit: number): number | undefined => {
  if (x < limit) return x;
  return undefined;
};

const parse = (ctx: TcContext) => {
  const input = ctx.packet.at(Input, 14);
  if (input === null) return null;
  if (input.a > 200) return null;
  const inner = input.a > 100 ? null : { b: input.b, from: input.from };
  return { input, inner, isOdd: (input.a & 1) === 1 };
};

/** What functions that find nothing return. */
export const missing = tc(
  (ctx) => {
    const write = writer();
    const port = portOf(ctx);
    write(0, port ?? 70_000);
    write(1, port === 80 ? 1 : port !== 443 ? 2 : 3);
    write(2, port ? 1 : port === null ? 2 : 3);
    const found = rules.find((rule) => rule.port === port);
    write(3, found?.weight ?? 9);
    if (found !== undefined) write(4, found.weight);
    const parsed = parse(ctx);
    if (parsed === null) return 0;
    const { input, inner, isOdd } = parsed;
    input.b = 3;
    write(5, (inner?.b ?? 400) + (isOdd ? 1 : 0));
    write(6, inner !== null && inner.from === ipv4("10.0.0.1") ? 1 : 2);
    let small = below(input.a, 50);
    write(7, small === below(input.a, 60) ? 1 : 2);
    switch (small) {
      case undefined:
        write(8, 1);
        break;
      case 0:
        write(8, 2);
        break;
      default:
        write(8, 3);
    }
    small ??= 51;
    write(9, small);
    const view = ctx.packet.at(Input, 14);
    const ends = view && { port: view.port };
    const isWeb = view && view.port === 80;
    write(12, (ends?.port ?? 5) + (isWeb ? 1000 : 0) + ((input.a && port) ?? 7));
    let last = null as number | null;
    for (const weight of weights) if (weight > input.a) last ??= weight;
    write(10, last === null ? 1 : last);
    let most = input.port & 7;
    most ||= 9;
    let isBoth = input.a > 3;
    isBoth &&= input.port > 30;
    write(11, most + (isBoth ? 100 : 0));
    return 0;
  },
  { name: "missing" },
);
