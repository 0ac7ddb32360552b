// dist/: tsc's output, with every *.bpf.js replaced by its module as the source transform makes it (source text embedded).
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

const { transformModule } = await import("../dist/compiler/source/transform.js");
for (const file of readdirSync(dist, { recursive: true }).filter((name) => name.endsWith(".bpf.js"))) {
  const source = join("src", file.replace(/\.js$/, ".ts"));
  const { code } = transformModule(readFileSync(join(root, source), "utf8"), {
    url: source,
    runtime: relative(dirname(join(dist, file)), join(dist, "kernel/source.js")).replace(/^(?!\.)/, "./"),
    importJavaScript: true,
  });
  writeFileSync(join(dist, file), code);
}
