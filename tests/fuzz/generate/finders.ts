/** Functions of the module that give a view or null, or several values together. They are written out where they are called. */
import { anyBigint } from "./bigints.ts";
import { condition } from "./conditions.ts";
import { address } from "./addresses.ts";
import { leaveFunction } from "./branches.ts";
import { declareNumber } from "./declarations.ts";
import { rangeOf, union, type Interval } from "./interval.ts";
import { lookupCall } from "./maps.ts";
import { numberWithin } from "./number-text.ts";
import { number } from "./numbers.ts";
import { packetOffset, viewOf, whenPresent } from "./packets.ts";
import type { GathererPart, Shape } from "./parts.ts";
import { statements } from "./statements.ts";
import type { Writing } from "./writing.ts";

type Body = (w: Writing) => void;

const contexts = { xdp: "XdpContext", tc: "TcContext", cgroupSkb: "CgroupSkbContext" } as const;
const PARAMETER: Interval = { low: 0n, high: 63n };

/** Writes `const find = (ctx, n) => …`: statements, and a view or null at the end of each way. */
export const finder = (w: Writing): void => {
  const { random } = w;
  const map = w.parts.maps.length > 0 && random.chance(0.5) ? random.pick(w.parts.maps) : null;
  const shape = map === null ? random.pick(w.parts.headers) : map.value;
  const name = w.name("find");
  written(w, name, () => (random.chance(0.2) ? "null" : map === null ? packetAt(w, shape) : lookupCall(w, map)));
  w.finders.push({ name, shape, map });
};

const packetAt = (w: Writing, shape: Shape): string => `ctx.packet.at(${shape.name}, ${packetOffset(w)})`;

export const gatherer = (w: Writing): void => {
  const name = w.name("gather");
  let part: GathererPart | null = null;
  const mayBeMissing = w.random.chance(0.4);
  written(w, name, () => {
    if (mayBeMissing && w.random.chance(0.3)) return "null";
    const [a, b] = [number(w, 2), anyBigint(w, 2)];
    part = {
      name,
      a: { ...(part === null ? rangeOf(a) : union(part.a, a)), wrapped: a.wrapped || part?.a.wrapped === true },
      b: part === null ? rangeOf(b) : union(part.b, b),
      mayBeMissing,
    };
    return `({ a: ${a.text}, b: ${b.text}, c: ${condition(w, 1)}, d: ${address(w, "ipv4")} })`;
  });
  if (part !== null) w.gatherers.push(part);
};

/** A function with a few statements; `result` writes what it returns, anew for each `return`. */
const written = (w: Writing, name: string, result: () => string): void =>
  w.scope.apart(() => {
    w.result = result;
    w.budget = w.random.below(4);
    const parameter = w.name("n");
    w.scope.declare({ kind: "number", name: parameter, range: PARAMETER, assignable: false, wrapped: false });
    w.block(`const ${name} = (ctx: ${contexts[w.type]}, ${parameter}: number) => {`, "};\n", () => {
      statements(w, Infinity);
      w.line(`return ${result()};`);
    });
    w.result = null;
  });

const call = (w: Writing, name: string): string =>
  `${name}(ctx, ${numberWithin(w, PARAMETER.low, PARAMETER.high, 2).text})`;

export const found = (w: Writing, body: Body): void => {
  if (w.finders.length === 0) return gathered(w);
  const part = w.random.pick(w.finders);
  const name = w.name("p");
  w.line(`const ${name} = ${call(w, part.name)};`);
  const { map, shape } = part;
  whenPresent(w, [{ ...viewOf(w, name, shape, map === null ? "packet" : "map"), map }], body);
};

/** Takes what a gatherer gives apart, or keeps it whole. */
export const gathered = (w: Writing): void => {
  if (w.gatherers.length === 0) return declareNumber(w);
  const { name, a, b, mayBeMissing } = w.random.pick(w.gatherers);
  if (mayBeMissing && w.noExit > 0) return declareNumber(w);
  const isWhole = mayBeMissing || w.random.chance(0.4);
  const whole = w.name("o");
  const [n, g, c, d] = ["n", "g", "c", "a"].map((prefix) => w.name(prefix)) as [string, string, string, string];
  const part = (letter: string, own: string): string => (isWhole ? `${whole}.${letter}` : own);
  w.line(`const ${isWhole ? whole : `{ a: ${n}, b: ${g}, c: ${c}, d: ${d} }`} = ${call(w, name)};`);
  if (mayBeMissing) w.line(`if (${whole} === null) ${leaveFunction(w)};`);
  w.scope.declare({ kind: "number", name: part("a", n), range: a, assignable: false, wrapped: a.wrapped });
  w.scope.declare({ kind: "bigint", name: part("b", g), range: b, assignable: false, wrapped: false });
  w.scope.declare({ kind: "boolean", name: part("c", c), assignable: false });
  const loopDepth = w.realLoops;
  w.scope.declare({ kind: "address", name: part("d", d), family: "ipv4", assignable: false, loopDepth });
};
