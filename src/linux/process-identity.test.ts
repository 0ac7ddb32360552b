import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isAlive, processIdentity } from "./process-identity.ts";

test("this process is alive, and one with its pid but another start is not", () => {
  const own = processIdentity();
  if (own === undefined) throw new Error("no identity");
  expect(own.pid).toBe(process.pid);
  expect(isAlive(own)).toBe(true);
  expect(isAlive({ ...own, startTime: own.startTime - 1 })).toBe(false);
});

test("a process with brackets and blanks in its name, until it is killed", async () => {
  const directory = mkdtempSync(join(tmpdir(), "hopmark-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "a) S 1 (b");
  copyFileSync("/usr/bin/sleep", path);
  const child = spawn(path, ["60"], { stdio: "ignore" });
  await once(child, "spawn");
  const identity = processIdentity(child.pid);
  if (identity === undefined) throw new Error("no identity");
  expect(identity.startTime).toBeGreaterThan(processIdentity(1)?.startTime ?? Infinity);
  expect(isAlive(identity)).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isAlive(identity)).toBe(false);
});
