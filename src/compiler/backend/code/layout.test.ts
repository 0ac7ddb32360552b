import { expect, test } from "vitest";
import { type CodeBlock, word } from "./code.ts";
import { layoutBlocks } from "./layout.ts";

const blocks = (...frequencies: number[]): CodeBlock[] =>
  frequencies.map((frequency, id) => ({
    id,
    frequency,
    words: [word(0xb7, null)],
    end: { kind: "exit", position: null },
  }));

const branch = (from: CodeBlock, taken: CodeBlock, otherwise: CodeBlock, chance: number): void => {
  const fields = { code: 0x05, condition: "eq", destination: 0, source: 0, immediate: 0, position: null } as const;
  from.end = { kind: "branch", ...fields, taken, otherwise, chance };
};

const jump = (from: CodeBlock, target: CodeBlock): void => {
  from.end = { kind: "jump", target, position: null };
};

const order = (list: readonly CodeBlock[]): number[] => layoutBlocks(list).map(({ id }) => id);

test("the likely way falls through; of equal ones the first", () => {
  const list = blocks(1, 0.1, 0.9) as [CodeBlock, CodeBlock, CodeBlock];
  branch(list[0], list[1], list[2], 0.1);
  expect(order(list)).toEqual([0, 2, 1]);
  branch(list[0], list[2], list[1], 0.5);
  expect(order(list)).toEqual([0, 1, 2]);
});

test("where ways meet, the one that runs most often goes on without a jump", () => {
  const list = blocks(1, 0.3, 0.7, 1) as [CodeBlock, CodeBlock, CodeBlock, CodeBlock];
  branch(list[0], list[1], list[2], 0.5);
  jump(list[1], list[3]);
  jump(list[2], list[3]);
  list[3].words = Array.from({ length: 20 }, () => word(0xb7, null));
  expect(order(list)).toEqual([0, 1, 2, 3]);
  list[1].frequency = 0.8;
  expect(order(list)).toEqual([0, 1, 3, 2]);
});

test("who jumps to a short ending gets one of its own, without the ways that are unlikely", () => {
  const list = blocks(1, 0.3, 0.7, 1, 0.9, 0.1) as [CodeBlock, CodeBlock, CodeBlock, CodeBlock, CodeBlock, CodeBlock];
  branch(list[0], list[1], list[2], 0.3);
  jump(list[1], list[3]);
  jump(list[2], list[3]);
  branch(list[3], list[5], list[4], 0.1);
  const placed = layoutBlocks(list);
  expect(placed.map(({ id }) => id)).toEqual([0, 2, 3, 4, 1, 6, 7, 5]);
  expect(placed[4]!.end).toMatchObject({ kind: "jump", target: placed[5] });
  expect(placed[5]).toMatchObject({
    words: list[3].words,
    end: { kind: "branch", taken: list[5], otherwise: placed[6] },
  });
  expect(placed[6]).toMatchObject({ words: list[4].words, end: { kind: "exit" } });
});

test.each([
  ["long", 20, 0.3],
  ["rarely reached from there", 1, 0.1],
])("an ending that is %s stays alone", (_, length, frequency) => {
  const list = blocks(1, frequency, 0.7, 1) as [CodeBlock, CodeBlock, CodeBlock, CodeBlock];
  branch(list[0], list[1], list[2], 0.3);
  jump(list[1], list[3]);
  jump(list[2], list[3]);
  list[3].words = Array.from({ length }, () => word(0xb7, null));
  expect(order(list)).toEqual([0, 2, 3, 1]);
});
