import { expect, test } from "vitest";
import { Jump, JUMP } from "../opcodes.ts";
import { type CodeBlock, word } from "./code.ts";
import { encode } from "./encode.ts";
import { fallsBack } from "./falls-back.ts";

const blocks = (count: number): CodeBlock[] =>
  Array.from({ length: count }, (_, id) => ({
    id,
    frequency: 1,
    words: [word(0xb7, null, { destination: 0 })],
    end: { kind: "exit", position: null },
  }));

const jump = (from: CodeBlock, target: CodeBlock): void => {
  from.end = { kind: "jump", target, position: null };
};

const branch = (from: CodeBlock, taken: CodeBlock, otherwise: CodeBlock): void => {
  const fields = {
    code: 0x05,
    condition: "eq",
    destination: 0,
    source: 0,
    immediate: 0,
    chance: 0.5,
    position: null,
  } as const;
  from.end = { kind: "branch", ...fields, taken, otherwise };
};

test("a loop entered past its last block: that block falls into the head, and gets a jump", () => {
  const [entry, tail, head, end] = blocks(4) as [CodeBlock, CodeBlock, CodeBlock, CodeBlock];
  jump(entry, head);
  jump(tail, head);
  branch(head, tail, end);
  const line = [entry, tail, head, end];
  expect([...fallsBack(line)]).toEqual([tail]);
  const { instructions } = encode("loop", line, 0);
  expect([...instructions.subarray(3 * 8, 4 * 8)]).toEqual([JUMP, 0, 0, 0, 0, 0, 0, 0]);
});

test("ways that meet again, and loops closed by a branch, fall as before", () => {
  const [entry, left, join, end] = blocks(4) as [CodeBlock, CodeBlock, CodeBlock, CodeBlock];
  branch(entry, join, left);
  jump(left, join);
  branch(join, join, end);
  expect(fallsBack([entry, left, join, end]).size).toBe(0);
  const { instructions } = encode("join", [entry, left, join, end], 0);
  const codes = Array.from({ length: instructions.length / 8 }, (_, at) => instructions[at * 8]);
  expect(codes.filter((code) => code === JUMP)).toEqual([]);
  expect(codes.filter((code) => code === (0x05 | Jump.eq)).length).toBe(2);
});

test("one instruction that jumps to itself is no fall", () => {
  const [entry] = blocks(1) as [CodeBlock];
  jump(entry, entry);
  expect(fallsBack([entry]).size).toBe(0);
});
