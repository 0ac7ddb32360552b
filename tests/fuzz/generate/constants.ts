/** What JavaScript computes while compiling: arrays, texts, objects. */
import { condition } from "./conditions.ts";
import { number } from "./numbers.ts";
import { exact, type NumberText } from "./number-text.ts";
import { union } from "./interval.ts";
import type { Writing } from "./writing.ts";

const known = (text: string, value: number): NumberText => exact(text, BigInt(value), BigInt(value));

/** A number that is known, by a way longer than writing it. */
export const computedConstant = (w: Writing): NumberText => {
  const { random } = w;
  const list = Array.from({ length: random.between(1, 5) }, () => random.below(100));
  const [first = 0, ...rest] = list;
  const text = `[${list.join(", ")}]`;
  const at = random.below(list.length);
  const table = w.parts.tables.length > 0 ? random.pick(w.parts.tables) : null;
  return random.pick<() => NumberText>([
    () => known(`${text}[${at}]!`, list[at] ?? 0),
    () => known(`${text}.length`, list.length),
    () => known(`Math.max(...${text})`, Math.max(...list)),
    () => known(`(${text}.includes(${first}) ? 1 : 2)`, 1),
    () => known(`${text}.map((each) => each * 3)[${at}]!`, (list[at] ?? 0) * 3),
    () => known(`[...${text}, 7].at(-1)!`, 7),
    () => known(`Number(\`\${${first}}5\`)`, Number(`${first}5`)),
    () => known(`"${"ab".repeat(list.length)}".length`, 2 * list.length),
    () => known(`((...all: number[]) => all.length)(${list.join(", ")})`, list.length),
    () => known(`(({ a, ...others }: { a: number; b: number }) => others.b)({ a: 1, b: ${first} })`, first),
    () => known(`({ ...{ a: 1, b: ${first} }, a: 2 }).b`, first),
    () => known(`({ a${first}: ${rest.length} })[\`a\${${first}}\`]!`, rest.length),
    ...(table === null
      ? []
      : [
          () => known(`${table.name}.length`, table.rows.length),
          () => known(`${table.name}.filter(({ on }) => on).length`, table.rows.filter(({ on }) => on).length),
          () => {
            const sum = table.rows.reduce((total, row) => total + row.a, 0);
            return known(`${table.name}.reduce((sum, { a }) => sum + a, 0)`, sum);
          },
        ]),
  ])();
};

/** `const [n1, , n2 = 9] = [3, 4];` */
export const takeApart = (w: Writing): void => {
  const [a, b] = [w.name("n"), w.name("n")];
  const [first, third] = [w.random.below(1000), w.random.below(1000)];
  const isThere = w.random.chance(0.5);
  w.line(`const [${a}, , ${b} = 9] = [${first}, 4${isThere ? `, ${third}` : ""}] as number[];`);
  for (const [name, value] of [
    [a, first],
    [b, isThere ? third : 9],
  ] as const) {
    const range = { low: BigInt(value), high: BigInt(value) };
    w.scope.declare({ kind: "number", name: `${name}!`, range, assignable: false, wrapped: false });
  }
};

/** `function f(a, b = 3) { if (…) return …; return …; }` within the program, called before it is written. */
export const ownFunction = (w: Writing): void => {
  const { random } = w;
  const [name, a, b, result] = [w.name("f"), w.name("n"), w.name("n"), w.name("n")];
  const range = { low: 0n, high: 0xffffn };
  const given = [random.below(65_536), random.below(65_536)];
  const passesBoth = random.chance(0.5);
  let [early, late] = [known("0", 0), known("0", 0)];
  const lines = w.capture(() =>
    w.block(`function ${name}(${a}: number, ${b} = 3) {`, "}", () => {
      for (const own of [a, b])
        w.scope.declare({ kind: "number", name: own, range, assignable: false, wrapped: false });
      early = number(w, 1);
      w.line(`if (${condition(w, 1)}) return ${early.text};`);
      late = number(w, 1);
      w.line(`return ${late.text};`);
    }),
  );
  const call = `const ${result} = ${name}(${passesBoth ? given.join(", ") : given[0]});`;
  const isBefore = random.chance(0.3);
  if (isBefore) w.line(call);
  for (const line of lines) w.line(line.trimStart());
  if (!isBefore) w.line(call);
  const wrapped = early.wrapped || late.wrapped;
  w.scope.declare({ kind: "number", name: result, range: union(early, late), assignable: false, wrapped });
};
