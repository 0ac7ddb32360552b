import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockReader } from "./reader-lock.ts";

test("a ring has one reader at a time", () => {
  const directories = [0, 1].map(() => mkdtempSync(join(tmpdir(), "hopmark-ring-")));
  const [one = "", other = ""] = directories;
  try {
    const first = lockReader(one, "eth0");
    expect(() => lockReader(one, "eth0")).toThrow("another process reads the traces of eth0 already");
    lockReader(other, "eth1").close();
    first.close();
    lockReader(one, "eth0").close();
  } finally {
    for (const directory of directories) rmSync(directory, { recursive: true });
  }
});
