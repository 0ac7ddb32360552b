import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { compile } from "../compiler/compile.ts";
import { Xdp } from "../kernel/context.ts";
import { count, seen, short } from "./fixtures/flows.bpf.ts";
import { load } from "./instance.ts";

const frame = (etherType: number): Uint8Array => {
  const bytes = new Uint8Array(64);
  new DataView(bytes.buffer).setUint16(12, etherType);
  return bytes;
};

test("a TypeScript program: compiled, loaded, run, and read through its descriptors", () => {
  const program = load(compile(count));
  onTestFinished(() => program.close());
  expect(program.testRun(frame(0x86dd)).verdict).toBe(Xdp.Pass);
  expect(program.testRun(frame(0x86dd)).verdict).toBe(Xdp.Tx);
  expect(program.testRun(frame(0x0800)).verdict).toBe(Xdp.Pass);
  const entries = new Map(Array.from(program.map(seen), ([key, value]) => [key.etherType, value.packets]));
  expect(entries).toEqual(
    new Map([
      [0x86dd, 2n],
      [0x0800, 1n],
    ]),
  );
  expect(program.map(short).value).toBe(0n);
});

test("bpftool shows its TypeScript lines beside its instructions", () => {
  const program = load(compile(count));
  onTestFinished(() => program.close());
  const dump = execFileSync("bpftool", ["prog", "dump", "xlated", "id", String(program.info().id), "linum"], {
    encoding: "utf8",
  });
  const source = readFileSync(new URL("fixtures/flows.bpf.ts", import.meta.url), "utf8").split("\n");
  const shown = [...dump.matchAll(/^\s*; (.*) \[file:(\S+) line_num:(\d+) line_col:(\d+)\]$/gm)];
  expect(shown.length).toBeGreaterThan(5);
  for (const [, text, file, line] of shown) {
    expect(file).toMatch(/src\/bpf\/fixtures\/flows\.bpf\.ts$/);
    expect(source[Number(line) - 1]?.trim()).toBe(text?.trim());
  }
});
