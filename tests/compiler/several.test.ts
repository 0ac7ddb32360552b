/** Several mistakes in one program: each is told once, sorted by place, and nothing that only follows from them. */
import { expect, test } from "vitest";
import { compile } from "../../src/compiler/compile.ts";
import { CompileError, MOST_DIAGNOSTICS, type Diagnostic } from "../../src/compiler/diagnostics.ts";
import { locate } from "../../src/kernel/source.ts";
import { handMadeKernel } from "../support/hand-made-kernel.ts";
import { evaluateModule } from "../fuzz/load-module.ts";
import { flow } from "./wrong/flow.ts";
import { memory } from "./wrong/memory.ts";
import { numbers } from "./wrong/numbers.ts";
import { headerOfModules } from "./wrong/program.ts";
import { syntax } from "./wrong/syntax.ts";
import { values } from "./wrong/values.ts";

const errorOf = (text: string): CompileError => {
  try {
    compile(evaluateModule(text, "wrong.bpf.ts").program, { kernelTypes: handMadeKernel });
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error("not refused");
};

const placeOf = ({ code, position }: Diagnostic): string => {
  const { line, column } = locate(position);
  return `${line}:${column} ${code}`;
};

/** `¦HM1110¦` stands where a diagnostic must point. */
const expectTold = (marked: string): void => {
  const text = marked.replaceAll(/¦\w+¦/g, "");
  const expected: string[] = [];
  marked.split("\n").forEach((line, at) => {
    let shift = 0;
    for (const { 0: mark, 1: code, index } of line.matchAll(/¦(\w+)¦/g)) {
      expected.push(`${at + 1}:${index - shift + 1} ${code}`);
      shift += mark.length;
    }
  });
  const { diagnostics } = errorOf(text);
  expect({ told: diagnostics.map(placeOf), text }).toEqual({ told: expected, text });
};

const program = (body: string, type = "tc"): string =>
  `${headerOfModules}export const program = ${type}((ctx) => {\n${body}\n});\n`;

/** Those that others can stand beside. */
const corpus = [...syntax, ...numbers, ...memory, ...flow, ...values].filter(
  ({ module, type, head, isAtEnd }) => module === undefined && type === undefined && head === undefined && !isAtEnd,
);

test("wrong programs, a dozen in one: each is refused where it is refused alone", () => {
  const size = 12;
  expect(corpus.length).toBeGreaterThan(100);
  for (let at = 0; at < size; at++) {
    const some = corpus.filter((_, index) => index % Math.ceil(corpus.length / size) === at);
    const bodies = some.map(({ body, code }) => body.trim().replace("¦", `¦${code}¦`));
    expectTold(program(`${bodies.map((body) => `if (randomU32() === 77) {\n${body}\n}`).join("\n")}\nreturn 0;`));
  }
});

test.each<[name: string, body: string]>([
  [
    "what was refused may be used, and tested",
    `const view = ctx.packet.at(¦HM1002¦Haeder, 0);
     if (view === null || view.port > 3) return 0;
     let sum = view.port;
     sum += 1;
     total.value = sum;
     if (ctx.mark ¦HM1110¦== 3) return 1;
     return sum;`,
  ],
  [
    "a number that a refused test may have bounded",
    `const view = ctx.packet.at(Header, 0);
     if (view === null) return 0;
     const at = ctx.mark;
     if (at >= ¦HM1002¦SIZE) return 0;
     const next = at + 1;
     total.value = view.bytes[at] + view.bytes[next];
     return view.bytes[¦HM1204¦ctx.ifindex];`,
  ],
  [
    "a view that may be null is told where it is used first, and goes on",
    `const view = ctx.packet.at(Header, 0);
     if (ctx.mark === 1) total.value = view.¦HM1201¦word;
     view.¦HM1101¦word = 1n;
     return view.port;`,
  ],
  [
    "both ways of a refused test, and what is behind",
    `let kind = 0;
     if (ctx.mark ¦HM1101¦=== 1n) kind = ¦HM1002¦Knd; else kind = monotonicNs() ¦HM1101¦+ 1;
     kind += 1;
     return ¦HM1002¦nothing;`,
  ],
  [
    "all cases of a switch over something refused",
    `switch (¦HM1002¦knd) {
       case 1: return ¦HM1002¦one;
       case ¦HM1002¦two: return 2;
       default: return ¦HM1501¦true;
     }`,
  ],
  [
    "each statement of a loop's body, once",
    `let sum = 0;
     for (let at = 0; at < 1000; at++) {
       sum += ¦HM1002¦one;
       const view = ctx.packet.at(Header, at);
       if (view === null) break;
       total.value = view.¦HM1005¦prot;
     }
     for (const at of [1, 2]) total.value = at ¦HM1110¦== 1 ? 1 : 0;
     for (const at of range(0, ctx.mark & 63)) total.value = at + ¦HM1002¦two;
     return sum;`,
  ],
  [
    "a loop whose end is refused",
    `let at = 0;
     while (at < ¦HM1002¦limit) { at++; if (at === ¦HM1002¦most) return 1; }
     total.value = at;
     return ¦HM1002¦end;`,
  ],
  ["a loop that is left by returning only", `for (let at = 0; ; at++) if (at > ¦HM1002¦limit) return 1;`],
  [
    "a function that is inlined twice",
    `const twice = (value: number) => { const more = value * ¦HM1002¦factor; return more; };
     const sum = twice(ctx.mark) + twice(3);
     return sum;`,
  ],
  [
    "recursion whose end is refused",
    `const depth = (low: number, high: number): number => {
       if (high - low === ¦HM1002¦one) return low;
       return depth(low, (low + high) >> 1) + depth((low + high) >> 1, high);
     };
     return depth(0, 64) + 1;`,
  ],
  [
    "a record that a refused statement would have finished",
    `const value = ring.reserve(Value);
     if (value === null) return 0;
     value.¦HM1101¦count = 1;
     ring.¦HM1005¦sumbit(value);
     const other = ring.reserve(Value);
     if (other === null) return 0;
     other.last = 1;
     ¦HM1401¦return 0;`,
  ],
  [
    "a record that a refused function would have finished",
    `const finish = (record: ViewOf<typeof Value>) => { record.last = ¦HM1002¦one; ring.submit(¦HM1002¦recrod); };
     const value = ring.reserve(Value);
     if (value === null) return 0;
     finish(value);
     return 0;`,
  ],
  [
    "statements that mean nothing",
    `¦HM1001¦var a = ctx.mark;
     ¦HM1001¦try { total.value = a + ¦HM1002¦b; } catch { }
     ¦HM1001¦class Pair {}
     if (a > 3) ¦HM1001¦throw new Error();
     const c = ¦HM1001¦new Pair();
     return c;`,
  ],
  [
    "patterns of something refused",
    `const { low, high: [most = 3] } = ¦HM1002¦bounds;
     let { last } = ¦HM1002¦bounds;
     last += low;
     return most + last;`,
  ],
])("%s", (_, body) => expectTold(program(body)));

test("a subprogram's mistakes are told, and its caller's", () => {
  const module = `const half = subprogram([u32], u32, (value) => { const more = value + ¦HM1002¦one; return more; });
    const send = subprogram(["tc"], "nothing", (ctx) => { const value = ring.reserve(Value); if (value !== null) ring.submit(¦HM1002¦valeu); });
    const wrong = subprogram([u32], u32, (value) => ¦HM1206¦value * 2);`;
  const body =
    "send(ctx);\ntotal.value = half(¦HM1206¦ctx.mark + 1);\nreturn wrong(half(ctx.mark)) + half(¦HM1002¦two);";
  expectTold(`${program(body).replace("export const program", () => `${module}\nexport const program`)}`);
});

test("mistakes of programs that it may go on as are told with its own, line by line", () => {
  const module = `const ends = programArray({ programs: { 1: tc(() => ¦HM1002¦first) }, name: "ends" });
    const more = programArray({ programs: { 1: tc((ctx) => { ends.tailCall(ctx, ¦HM1101¦1n); return ¦HM1002¦second; }) }, name: "more" });`;
  expectTold(
    program("more.tailCall(ctx, 1);\nreturn ¦HM1002¦third;").replace(
      "export const program",
      () => `${module}\nexport const program`,
    ),
  );
});

test(`of more than ${MOST_DIAGNOSTICS}, the first are told`, () => {
  const lines = Array.from({ length: 30 }, (_, at) => `total.value = unknown${at};`);
  const error = errorOf(program(`${lines.join("\n")}\nreturn 0;`));
  expect(error.diagnostics.map(({ message }) => /unknown\d+/.exec(message)?.[0])).toEqual(
    Array.from({ length: MOST_DIAGNOSTICS }, (_, at) => `unknown${at}`),
  );
  expect(error.hint).toBe("compiling stopped at 20: there may be more");
});

test("a program that grew too long by what was refused is not told so", () => {
  const body =
    "let sum = ¦HM1002¦first;\nfor (const a of many) for (const b of many) { if (a ¦HM1110¦== b) sum = 0; }\nreturn sum;";
  expectTold(
    program(body).replace(
      "export const program",
      "const many = Array.from({ length: 600 }, (_, at) => at);\nexport const program",
    ),
  );
});
