// dist/: declarations as tsc writes them, and the library in chunks with V8's code beside them. build/: its modules one by one.
// With --if-older nothing is done where all is newer than what it is made of.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "build");
const dist = join(root, "dist");

const run = (...args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
};

/** When a file, or what is newest in a folder (also what was taken out of it), was changed; 0 where there is nothing. */
const changed = (path) => {
  const status = statSync(join(root, path), { throwIfNoEntry: false });
  if (status === undefined || !status.isDirectory()) return status?.mtimeMs ?? 0;
  return Math.max(status.mtimeMs, ...readdirSync(join(root, path)).map((name) => changed(join(path, name))));
};

if (process.argv.includes("--if-older")) {
  const made = [
    "src",
    "examples",
    "scripts",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "tsconfig.build.json",
  ];
  // What the last step writes.
  if (changed("dist/chunks/base.cjs.code") > Math.max(...made.map(changed))) process.exit(0);
}

for (const folder of [modules, dist]) rmSync(folder, { recursive: true, force: true });
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
run(tsc, "-p", "tsconfig.build.json");

// Every *.bpf.js is replaced by its module as the source transform makes it, source text embedded.
const { transformModule } = await import("../build/compiler/source/transform.js");
for (const file of readdirSync(modules, { recursive: true }).filter((name) => name.endsWith(".bpf.js"))) {
  const source = join("src", file.replace(/\.js$/, ".ts"));
  const { code } = transformModule(readFileSync(join(root, source), "utf8"), {
    url: source,
    runtime: relative(dirname(join(modules, file)), join(modules, "kernel/source.js")).replace(/^(?!\.)/, "./"),
    importAs: (specifier) => specifier.replace(/^(\.\.?\/.*)\.ts$/, "$1.js"),
  });
  writeFileSync(join(modules, file), code);
}

const { bundle } = await import("./build/bundle.mjs");
await bundle(modules, dist);
run("scripts/build/warm.mjs");
