/** Arrays of run-time values, questions to them and to constant tables, and values that may be missing. */
import { condition } from "./conditions.ts";
import { declareNumber } from "./declarations.ts";
import { indexBelow } from "./indexes.ts";
import { rangeOf, union, type Interval } from "./interval.ts";
import { exact, exactNumber, numberWithin, type NumberText } from "./number-text.ts";
import { SEEN } from "./observe.ts";
import type { Writing } from "./writing.ts";

interface List {
  readonly text: string;
  readonly length: number;
  /** Of all elements. */
  readonly range: Interval;
}

const list = (w: Writing, depth: number): List => {
  const elements = Array.from({ length: w.random.between(1, 4) }, () => exactNumber(w, depth - 1));
  const range = elements.map(rangeOf).reduce((all, each) => union(all, each));
  return { text: `[${elements.map(({ text }) => text).join(", ")}]`, length: elements.length, range };
};

/** A number of an array, or about one. */
export const ofArray = (w: Writing, depth: number): NumberText => {
  const { random } = w;
  if (w.parts.tables.length > 0 && random.chance(0.3)) return ofTable(w, depth);
  const { text, length, range } = list(w, depth);
  const asked = exactNumber(w, depth - 1);
  const last = BigInt(length - 1);
  return random.pick<() => NumberText>([
    () => exact(`${text}.length`, BigInt(length), BigInt(length)),
    () => exact(`${text}[${indexBelow(w, length)}]!`, range.low, range.high),
    () => exact(`${text}[${random.below(length)}]!`, range.low, range.high),
    () => exact(`${text}.indexOf(${asked.text})`, -1n, last),
    () => exact(`${text}.findIndex((each) => each > ${asked.text})`, -1n, last),
    () => {
      const found = union(range, asked);
      return exact(`(${text}.find((each) => each !== ${asked.text}) ?? ${asked.text})`, found.low, found.high);
    },
    () => exact(`${text}.map((each) => each & 255)[${random.below(length)}]!`, 0n, 255n),
    () => exact(`${text}.reduce((all, each) => all + (each & 15), 0)`, 0n, 15n * BigInt(length)),
  ])();
};

/** The same of a constant table, by a run-time number. */
const ofTable = (w: Writing, depth: number): NumberText => {
  const { name, rows } = w.random.pick(w.parts.tables);
  const { text } = exactNumber(w, depth - 1);
  const last = BigInt(rows.length - 1);
  const most = rows.reduce((most, { a }) => Math.max(most, a), 7);
  return w.random.pick<() => NumberText>([
    () => exact(`(${name}.find(({ a }) => a === ${text})?.a ?? 7)`, 0n, BigInt(most)),
    () => exact(`${name}.findIndex(({ a, on }) => on && a < ${text})`, -1n, last),
    () => exact(`${name}[${indexBelow(w, rows.length)}]!.a`, 0n, BigInt(most)),
    () => exact(`(${name}Map.get(${text}) ?? 9)`, 3n, 9n),
    () => exact(`${name}.map(({ a }) => a).indexOf(${text})`, -1n, last),
  ])();
};

export const askArray = (w: Writing, depth: number): string => {
  const { text } = exactNumber(w, depth - 1);
  if (w.parts.tables.length > 0 && w.random.chance(0.4)) {
    const { name } = w.random.pick(w.parts.tables);
    const predicate = `(({ a, on }) => ${w.random.pick(["on && ", "on || ", ""])}a === ${text})`;
    return w.random.pick([`${name}.some${predicate}`, `${name}.every${predicate}`, `${name}Set.has(${text})`]);
  }
  const own = list(w, depth).text;
  return w.random.pick([
    `${own}.includes(${text})`,
    `${own}.some((each) => each < ${text})`,
    `${own}.every((each) => each >= ${text})`,
  ]);
};

export const arrayStatement = (w: Writing): void => w.random.pick([keepArray, each, maybe, swap])(w);

/** `const t = [n, m]; const [x, ...more] = t;` */
const keepArray = (w: Writing): void => {
  const { text, length, range } = list(w, 2);
  const [name, first] = [w.name("t"), w.name("n")];
  w.line(`const ${name} = ${text};`);
  w.line(`const [${first}${length > 1 && w.random.chance(0.5) ? `, ...${w.name("more")}` : ""}] = ${name};`);
  for (const own of [`${first}!`, `${name}[${w.random.below(length)}]!`])
    w.scope.declare({ kind: "number", name: own, range, assignable: false, wrapped: false });
};

/** What it sees, it adds to what is seen. */
const each = (w: Writing): void =>
  w.line(`${list(w, 2).text}.forEach((each) => { ${SEEN}.value = ${SEEN}.value * 31n + BigInt(each & 255); });`);

/** A number that is there on some paths. */
const maybe = (w: Writing): void => {
  const [name, none] = [w.name("u"), w.random.pick(["null", "undefined"])];
  const [some, other] = [exactNumber(w, 2), exactNumber(w, 2)];
  const range = union(some, other);
  w.line(
    `let ${name}: number | ${none} = ${w.random.chance(0.5) ? none : `${condition(w, 1)} ? ${some.text} : ${none}`};`,
  );
  if (w.random.chance(0.6)) w.line(`if (${condition(w, 1)}) ${name} = ${some.text};`);
  const value = w.name("n");
  if (w.random.chance(0.3)) {
    w.line(`${name} ??= ${other.text};`);
    w.line(`const ${value} = ${name};`);
  } else
    w.line(
      `const ${value} = ${w.random.pick([`${name} ?? ${other.text}`, `${name} === ${none} ? ${other.text} : ${name}`, `${name} !== ${none} ? ${name} : ${other.text}`])};`,
    );
  w.scope.declare({ kind: "number", name: value, range, assignable: false, wrapped: false });
};

/** `[a, b] = [b, a];` */
const swap = (w: Writing): void => {
  const [a, b] = [w.name("n"), w.name("n")];
  const range = { low: 0n, high: w.random.pick([7n, 0xffffn]) };
  for (const name of [a, b]) w.line(`let ${name} = ${numberWithin(w, range.low, range.high, 2).text};`);
  w.line(`[${a}, ${b}] = [${b}, ${w.random.chance(0.8) ? a : numberWithin(w, range.low, range.high, 1).text}];`);
  for (const name of [a, b]) w.scope.declare({ kind: "number", name, range, assignable: true, wrapped: false });
  if (w.random.chance(0.3)) declareNumber(w);
};
