/** The ordinary arithmetic of JavaScript on run-time numbers: the kernel computes what V8 does. What is refused is in wrong/numbers.ts. */
import { expect, test } from "vitest";
import { evaluateModule } from "../fuzz/load-module.ts";
import { agreeOn } from "./agree.ts";

/** Of a byte `a`, one `b` that is not 0, one `s` in -128..127, and 32 bits `w`. */
const expressions = [
  ...["trunc", "floor", "ceil", "round"].flatMap((name) => [
    `Math.${name}(a / b)`,
    `Math.${name}(w / 7)`,
    `Math.${name}(a * 100 / 256)`,
    `Math.${name}(s)`,
  ]),
  "Math.ceil(w * 1000 / b)",
  "Math.round(w / (b * 2))",
  "Math.abs(s)",
  "Math.sign(s)",
  "Math.sign(a)",
  "Math.min(a, b, 100)",
  "Math.max(s, -5)",
  "Math.clz32(w)",
  "Math.clz32(a)",
  "Math.clz32(s)",
  "31 - Math.clz32(w | 1)",
  "a ** 2",
  "s ** 3",
  "2 ** (a & 31)",
  "Math.pow(b, 4)",
  "Number((BigInt(a) ** 3n) & 0xffffn)",
  "Number(2n ** BigInt(a & 31))",
  "+a",
  "+(a < b)",
  "Number(a > b) + Number(true)",
  "Number(BigInt.asIntN(8, BigInt(w)))",
  "Number(BigInt.asIntN(13, BigInt(w)))",
  "BigInt.asIntN(64, BigInt(w) << 32n) < -5n ? 1 : 0",
  "BigInt(a) - 100n < -7n ? 1 : 0",
  "Number(BigInt(a) - BigInt(b))",
  "a < 99.5 ? 1 : 0",
  "99.5 <= a ? 1 : 0",
  "s > -0.5 ? 1 : 0",
  "s >= -0.5 ? 1 : 0",
  "w < 0.1 * 2 ** 32 ? 1 : 0",
  "a !== 0.5 ? 1 : 0",
  "Boolean(a) ? 1 : 0",
  "Number.isInteger(w) && !Number.isNaN(w) && Number.isSafeInteger(s) ? 1 : 0",
  'typeof a === "number" && typeof BigInt(a) === "bigint" && typeof (a < b) === "boolean" ? 1 : 0',
];

test("what a number can be asked", () => {
  const { program, maps } = evaluateModule(
    `import { array, arrayMap, be32, header, struct, u64, u8, xdp } from "hopmark/kernel";
const Input = header("Input", "", { a: u8, b: u8, c: u8, d: u8, w: be32 });
const Results = struct("Results", { values: array(u64, ${expressions.length}) });
export const results = arrayMap(Results, { entries: 1, name: "results" });
export const program = xdp((ctx) => {
  const input = ctx.packet.at(Input, 0);
  const result = results.lookup(0);
  if (input === null || result === null || input.b === 0) return 0;
  const { a, b, w } = input;
  const s = input.c - 128;
  const write = (at, value) => {
    result.values[at] = result.values[at] * 31n + BigInt(value);
  };
  ${expressions.map((text, at) => `write(${at}, ${text});`).join("\n  ")}
  return 2;
});`,
    "arithmetic.bpf.ts",
  );
  const inputs = ["0001800000000000", "ff0380ffffffffff", "640700007fffffff", "07ffff0080000001", "c864810100000007"];
  const { runs } = agreeOn(
    program,
    inputs.map((input) => ({ packet: input.padEnd(32, "0") })),
    maps,
  );
  expect(runs.map(({ verdict }) => verdict)).toEqual([2, 2, 2, 2, 2]);
});
