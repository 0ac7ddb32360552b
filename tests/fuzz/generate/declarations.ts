/** `const` and `let`. */
import { numberWithin } from "./number-text.ts";
import { number } from "./numbers.ts";
import { exactBigint } from "./bigint-text.ts";
import { anyBigint } from "./bigints.ts";
import { address, anyFamily } from "./addresses.ts";
import { ownFunction, takeApart } from "./constants.ts";
import { condition } from "./conditions.ts";
import { I32_MAX, I32_MIN, U32_MAX, U64_MAX, rangeOf, union, type Interval } from "./interval.ts";
import type { BigintText } from "./bigint-text.ts";
import type { NumberText } from "./number-text.ts";
import type { Writing } from "./writing.ts";

const letRanges: readonly Interval[] = [
  { low: 0n, high: 0xffn },
  { low: 0n, high: 0xffffn },
  { low: 0n, high: U32_MAX },
  { low: 0n, high: U32_MAX },
  { low: I32_MIN, high: I32_MAX },
  { low: 0n, high: (1n << 48n) - 1n },
  { low: -1000n, high: 1000n },
  { low: 0n, high: 5n },
];

const DEPTH = 3;

export const declare = (w: Writing): void =>
  w.random.weighted<() => void>([
    [8, () => declareNumber(w)],
    [4, () => declareBigint(w)],
    [3, () => declareBoolean(w)],
    [2, () => declareAddress(w)],
    [1, () => destructure(w)],
    [1, () => declareClosure(w)],
    [1, () => declareObject(w)],
    [1, () => takeApart(w)],
    [1, () => ownFunction(w)],
  ])();

export const declareNumber = (w: Writing): void => {
  if (w.random.chance(0.45)) {
    const range = w.random.pick(letRanges);
    const { text } = numberWithin(w, range.low, range.high, DEPTH);
    const name = w.name("n");
    w.line(`let ${name} = ${text};`);
    return w.scope.declare({ kind: "number", name, range, assignable: true, wrapped: false });
  }
  const value = number(w, DEPTH);
  const name = w.name("n");
  w.line(`const ${name} = ${value.text};`);
  w.scope.declare({ kind: "number", name, range: rangeOf(value), assignable: false, wrapped: value.wrapped });
};

const declareBigint = (w: Writing): void => {
  const name = w.name("g");
  if (w.random.chance(0.45)) {
    w.line(`let ${name} = ${exactBigint(w, DEPTH).text};`);
    const range = { low: 0n, high: U64_MAX };
    return w.scope.declare({ kind: "bigint", name, range, assignable: true, wrapped: false });
  }
  const value = anyBigint(w, DEPTH);
  w.line(`const ${name} = ${value.text};`);
  w.scope.declare({ kind: "bigint", name, range: rangeOf(value), assignable: false, wrapped: false });
};

const declareBoolean = (w: Writing): void => {
  const name = w.name("c");
  const assignable = w.random.chance(0.4);
  w.line(`${assignable ? "let" : "const"} ${name} = ${condition(w, DEPTH)};`);
  w.scope.declare({ kind: "boolean", name, assignable });
};

const declareAddress = (w: Writing): void => {
  const family = anyFamily(w);
  const name = w.name("a");
  const assignable = w.random.chance(0.4);
  w.line(`${assignable ? "let" : "const"} ${name} = ${address(w, family)};`);
  w.scope.declare({ kind: "address", name, family, assignable, loopDepth: w.realLoops });
};

/** `const { f0: n1, f2: n3 } = view;` */
const destructure = (w: Writing): void => {
  const views = w.scope.views();
  if (views.length === 0) return declareNumber(w);
  const view = w.random.pick(views);
  const taken: string[] = [];
  for (const { name: field, type } of view.shape.fields) {
    if ((type.kind !== "number" && type.kind !== "bigint") || w.random.chance(0.3)) continue;
    const name = w.name(type.kind === "number" ? "n" : "g");
    taken.push(`${field}: ${name}`);
    w.scope.declare({ kind: type.kind, name, range: type.range, assignable: false, wrapped: false });
  }
  if (taken.length === 0) return declareNumber(w);
  w.line(`const { ${taken.join(", ")} } = ${view.name};`);
};

/** A function within the function, over what is in reach, and its result. */
const declareClosure = (w: Writing): void => {
  const closure = w.name("f");
  const parameter = w.name("n");
  const result = w.name("n");
  let value = number(w, 0);
  const range = { low: 0n, high: 0xffffn };
  const lines = w.capture(() => {
    const head = w.random.chance(0.7) ? `(${parameter}: number) =>` : `function (${parameter}: number)`;
    w.block(`const ${closure} = ${head} {`, `};`, () => {
      w.scope.declare({ kind: "number", name: parameter, range, assignable: false, wrapped: false });
      value = number(w, 2);
      w.line(`return ${value.text};`);
    });
  });
  for (const line of lines) w.line(line.trimStart());
  w.line(`const ${result} = ${closure}(${numberWithin(w, range.low, range.high, 2).text});`);
  w.scope.declare({ kind: "number", name: result, range: rangeOf(value), assignable: false, wrapped: value.wrapped });
};

/** An object of run-time values; of a `let`, one of two. Its parts are read like constants. */
const declareObject = (w: Writing): void => {
  const name = w.name("o");
  const make = (): { text: string; a: NumberText; b: BigintText } => {
    const [a, b] = [number(w, 2), anyBigint(w, 2)];
    return { a, b, text: `{ a: ${a.text}, b: ${b.text}, c: ${condition(w, 1)} }` };
  };
  const first = make();
  const second = w.random.chance(0.4) ? make() : null;
  w.line(`${second === null ? "const" : "let"} ${name} = ${first.text};`);
  if (second !== null) {
    const text = w.random.chance(0.7) ? second.text : `{ ...${name}, a: ${second.a.text} }`;
    w.line(`if (${condition(w, 1)}) ${name} = ${text};`);
  }
  const { a, b } = second ?? first;
  const range = { a: union(first.a, a), b: union(first.b, b) };
  const wrapped = first.a.wrapped || a.wrapped;
  w.scope.declare({ kind: "number", name: `${name}.a`, range: range.a, assignable: false, wrapped });
  w.scope.declare({ kind: "bigint", name: `${name}.b`, range: range.b, assignable: false, wrapped: false });
  w.scope.declare({ kind: "boolean", name: `${name}.c`, assignable: false });
};
