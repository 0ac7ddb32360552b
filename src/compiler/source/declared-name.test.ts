import { expect, test } from "vitest";
import { declaredName } from "./declared-name.ts";

const text = `const program = tc((ctx) => {
  const { mark } = ctx;
  const sum = mark + ctx.protocol;
  let rest = sum;
  rest = twice(sum - 1);
  const twiceOf = () => sum * 2;
  return sum > ctx.queueIndex ? rest : 0;
});`;

test.each([
  ["ctx.protocol", "sum"],
  ["sum - 1", "rest"],
  // What a function computes has the names that it gives, not that of the function.
  ["sum * 2", null],
  ["ctx.queueIndex", null],
  ["ctx;", null],
])("%s is computed for %s", (part, name) => {
  expect(declaredName({ module: { url: "names.bpf.ts", text }, offset: text.indexOf(part) })).toBe(name);
});
