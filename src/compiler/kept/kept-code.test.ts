import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, expect, test } from "vitest";

// Not built: it knows no V8 whose code would lie beside the chunks.
const loader = fileURLToPath(new URL("../../../scripts/build/load-chunk.cjs", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "hopmark-code-"));
afterAll(() => rmSync(root, { recursive: true }));

const chunks = join(root, "dist/chunks");
const base = join(root, "cache");
const folder = join(base, "hopmark");
beforeEach(() => {
  rmSync(base, { recursive: true, force: true });
  mkdirSync(base);
  mkdirSync(chunks, { recursive: true });
  copyFileSync(loader, join(chunks, "load.cjs"));
});

/** Runs a program with a chunk that says a digit. */
const run = (digit: number, XDG_CACHE_HOME = base, program = ""): string => {
  writeFileSync(join(chunks, "own.cjs"), `({ "./own.cjs": (function (exports) { exports.say = () => ${digit}; }) })`);
  const code = `console.log(require(${JSON.stringify(join(chunks, "load.cjs"))}).loadChunk("./own.cjs").say());${program}`;
  const env = { ...process.env, XDG_CACHE_HOME, HOME: "/dev/null" };
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", code], { env, encoding: "utf8" });
  return stdout + stderr;
};

const kept = (): string => {
  const [name, ...rest] = readdirSync(folder);
  expect(rest).toEqual([]);
  return join(folder, name ?? "");
};

test("another Node.js than it needs is refused before anything is loaded", () => {
  const old = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.8" } });`;
  const { stderr } = spawnSync(process.execPath, ["-e", `${old} require(${JSON.stringify(loader)})`], {
    encoding: "utf8",
  });
  expect(stderr).toContain("this is Node.js 18.20.8, and Hopmark needs 20.19 or newer");
});

test("what V8 compiled is taken in the next start", () => {
  expect(run(1)).toBe("1\n");
  expect(statSync(kept()).mode & 0o777).toBe(0o600);
  // A text of the same length, which is all that V8 looks at; the build's own number is in the name of what is kept.
  expect(run(2)).toBe("1\n");
});

test("a program that goes on, and is killed, keeps it as well", () => {
  expect(run(1, base, 'setTimeout(() => process.kill(process.pid, "SIGKILL"), 1500);')).toBe("1\n");
  expect(run(2)).toBe("1\n");
});

test.each([
  ["a file that others may write", () => chmodSync(kept(), 0o666)],
  ["a file of another's", () => chownSync(kept(), 1, 1)],
  ["a folder that others may write", () => chmodSync(folder, 0o777)],
  ["a home of another's", () => chownSync(base, 1, 1)],
  ["half a file", () => writeFileSync(kept(), "half")],
])("%s is not taken", (_name, change) => {
  run(1);
  change();
  expect(run(2)).toBe("2\n");
});

test("where nothing can be kept, nothing is said", () => {
  for (const place of ["/dev/null", "/proc/1", "relative", ""]) expect(run(1, place)).toBe("1\n");
});
