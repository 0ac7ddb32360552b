import { expect, test } from "vitest";
import { untilEnd } from "./end.ts";

const never = new Promise<void>(() => {});

test("ends when told to", async () => {
  const controller = new AbortController();
  const end = untilEnd(controller.signal, undefined, [never]);
  controller.abort();
  await end;
});

test("ends after its time", async () => {
  const start = performance.now();
  await untilEnd(new AbortController().signal, 0.03);
  expect(performance.now() - start).toBeGreaterThan(25);
});

test("a part that fails ends it", async () => {
  const failed = Promise.reject(new Error("no server"));
  await expect(untilEnd(new AbortController().signal, 5, [never, failed])).rejects.toThrow("no server");
});

test("a part that fails after the end is nobody's uncaught error", async () => {
  const late = new Promise<void>((_, reject) => setTimeout(() => reject(new Error("late")), 5));
  await untilEnd(AbortSignal.abort(), undefined, [late]);
  await new Promise((resolve) => setTimeout(resolve, 20));
});

test("ends when nobody reads any more", async () => {
  let looks = 0;
  await untilEnd(new AbortController().signal, undefined, [never], () => ++looks === 2);
  expect(looks).toBe(2);
});
