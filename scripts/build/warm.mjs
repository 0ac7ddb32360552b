// Does what every start does, and writes what V8 compiled for it beside the chunks. Needs no privilege and no Linux; with them
// it attaches a program too, in a network namespace that nobody else sees.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import chunks from "../../dist/chunks/load.cjs";

const start = (script, ...args) => {
  process.argv.splice(1, Infinity, fileURLToPath(new URL(script, import.meta.url)), ...args);
  chunks.loadChunk("./entry-compiler-source-register.cjs", { again: true });
};

const startInOwnNetns = (...args) => {
  const { createUnnamedNetns, withNetns } = chunks.loadChunk("./attach.cjs");
  let netns;
  try {
    netns = createUnnamedNetns();
  } catch {
    return start(...args);
  }
  withNetns(netns, () => start(...args, "lo"));
};

// As `node -r hopmark/register SCRIPT` starts them.
process.execArgv.push("-r", "hopmark/register");
// Nothing is kept yet of the first, all below the second is.
process.env.XDG_CACHE_HOME = mkdtempSync(join(tmpdir(), "hopmark-build-"));
try {
  startInOwnNetns("typical.ts");
  start("again.ts");
} finally {
  rmSync(process.env.XDG_CACHE_HOME, { recursive: true });
}
for (const file of readdirSync(new URL("../../dist/chunks", import.meta.url))) {
  if (file.endsWith(".cjs") && file !== "load.cjs") chunks.loadChunk(`./${file}`);
}
chunks.saveCode();
