import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isSameFile } from "./same-file.ts";

const folder = mkdtempSync(join(tmpdir(), "hopmark-same-"));
afterAll(() => rmSync(folder, { recursive: true }));
const [file, link, loop] = ["file", "link", "loop"].map((name) => join(folder, name)) as [string, string, string];
writeFileSync(file, "");
symlinkSync(file, link);
symlinkSync(loop, loop);

test.each([
  [file, file, true],
  [file, link, true],
  [file, folder, false],
  [file, `${file}/below`, false],
  [file, "x".repeat(300), false],
  [loop, loop, false],
])("%s and %s: %j", (one, other, same) => {
  expect(isSameFile(one, other)).toBe(same);
});
