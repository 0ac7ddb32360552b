import { readFileSync, rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ConfigError } from "../../errors.ts";
import { writeFile } from "./write-file.ts";

test("what cannot be written says why, and what to do", () => {
  const folder = mkdtempSync(join(tmpdir(), "hopmark-write-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFile(join(folder, "x"), "text");
  expect(readFileSync(join(folder, "x"), "utf8")).toBe("text");
  const refusal = (path: string): unknown => {
    try {
      writeFile(path, "text");
    } catch (error) {
      return error;
    }
    throw new Error("written");
  };
  for (const [path, why, hint] of [
    [folder, "that is a folder", /name a file/],
    [join(folder, "none/x"), "there is no such folder", /name a file/],
    ["/dev/full", "no space left on the device", /make room/],
  ] as const) {
    const error = refusal(path);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      message: `cannot write ${path}: ${why}`,
      hint: expect.stringMatching(hint) as string,
    });
  }
});
