import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { smallHopmark } from "./fixtures/small-hopmark.ts";

const hopmark = smallHopmark();
afterAll(() => hopmark.remove());

const base = join(hopmark.root, "cache");
const folder = join(base, "hopmark");
beforeEach(() => rmSync(base, { recursive: true, force: true }));

const run = (text = 'import { f } from "./f.bpf.ts";\nconsole.log(f(1));\n', environment = {}): string => {
  const files = { "main.ts": text, "f.bpf.ts": "export const f = (x: number): string => `made ${x}`;\n" };
  const { stdout, stderr } = hopmark.run("user", "hopmark/register", files, environment);
  return stdout + stderr;
};

const entry = (name: string): string => {
  const file = readdirSync(folder).find((one) => one.startsWith(name));
  if (file === undefined) throw new Error(`nothing was kept of ${name}`);
  return join(folder, file);
};

const spoil = (name: string, change: (text: string) => string): void =>
  writeFileSync(entry(name), change(readFileSync(entry(name), "utf8")));

/** Whoever takes the entry as it is now says `kept`. */
const mark = (name: string): void =>
  spoil(name, (text) => {
    const { code, ...rest } = JSON.parse(text) as { readonly code: string };
    return JSON.stringify({ ...rest, code: code.replaceAll("made", "kept") });
  });

test("a file that has not changed is taken as it was made before", () => {
  expect(run()).toBe("made 1\n");
  mark("f.bpf.ts");
  expect(run()).toBe("kept 1\n");
});

test("so is one that is loaded by hooks", () => {
  const later = 'const { f } = await import("./f.bpf.ts");\nconsole.log(f(1));\n';
  expect(run(later)).toBe("made 1\n");
  mark("f.bpf.ts");
  expect(run(later)).toBe("kept 1\n");
  // Its code imports Hopmark otherwise than that of one that is loaded without them.
  expect(run()).toBe("made 1\n");
});

test.each([
  ["another text", () => spoil("main.ts", (text) => text.replace("f(1)", "f(2)"))],
  ["another build", () => spoil("main.ts", (text) => text.replace('"small"', '"large"'))],
  ["half a file", () => spoil("main.ts", (text) => text.slice(0, text.length / 2))],
  ["no JSON", () => spoil("main.ts", () => "console.log(3)")],
])("%s is made anew, and kept", (_name, change) => {
  run();
  const before = readFileSync(entry("main.ts"), "utf8");
  change();
  expect(run()).toBe("made 1\n");
  expect(readFileSync(entry("main.ts"), "utf8")).toBe(before);
  expect(readdirSync(folder)).toHaveLength(3);
});

test.each([
  ["a file that others may write", () => chmodSync(entry("f.bpf.ts"), 0o666)],
  ["a file of another's", () => chownSync(entry("f.bpf.ts"), 1, 1)],
  ["a folder that others may write", () => chmodSync(folder, 0o777)],
  ["a folder of another's", () => chownSync(folder, 1, 1)],
  ["a home of another's", () => chownSync(base, 1, 1)],
])("%s is not trusted", (_name, change) => {
  run();
  mark("f.bpf.ts");
  expect(run()).toBe("kept 1\n");
  change();
  expect(run()).toBe("made 1\n");
});

test("nothing is written into a home of another's, or where nothing can be", () => {
  mkdirSync(base);
  chownSync(base, 1, 1);
  expect(run()).toBe("made 1\n");
  expect(existsSync(folder)).toBe(false);
  for (const place of ["/dev/null", "/proc/1", "relative"])
    expect(run(undefined, { XDG_CACHE_HOME: place, HOME: "/dev/null" })).toBe("made 1\n");
});

test("what is of use stays however old it is, and the rest goes when something is written", () => {
  const age = (name: string): void => utimesSync(name, 0, 0);
  run();
  const used = entry("f.bpf.ts");
  const unused = join(folder, "unused.json");
  writeFileSync(unused, "{}");
  for (const name of [used, unused]) age(name);
  expect(run()).toBe("made 1\n");
  expect(Date.now() - statSync(used).mtimeMs).toBeLessThan(60_000);
  expect(existsSync(unused)).toBe(true);
  expect(run('import { f } from "./f.bpf.ts";\nconsole.log(f(2));\n')).toBe("made 2\n");
  const kept = [entry("f.bpf.ts"), entry("main.ts"), entry("tree.f.bpf.ts")];
  expect(readdirSync(folder).toSorted()).toEqual(kept.map((name) => basename(name)));
});
