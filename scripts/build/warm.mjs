// Does what every start does, and writes what V8 compiled for it beside the chunks. Needs no privilege and no Linux; with them
// it attaches programs too.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import chunks from "../../dist/chunks/load.cjs";
import { inOwnNetns, startInOwnNetns } from "./start.mjs";

const run = (script) => {
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(script, import.meta.url))], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error(`${script} ended with ${status}`);
};

// Nothing is kept yet.
process.env.XDG_CACHE_HOME = mkdtempSync(join(tmpdir(), "hopmark-build-"));
try {
  // All that they need of others waits until it is used.
  chunks.loadChunk("./attach.cjs");
  const loaded = [...chunks.loaded.keys()].toSorted((a, b) => (a < b ? -1 : 1)).join(" ");
  if (loaded !== "./attach.cjs ./base.cjs") throw new Error(`attach.cjs cannot do without ${loaded}`);
  const attaches = startInOwnNetns("typical.ts");
  startInOwnNetns("kept.ts");
  for (const file of readdirSync(new URL("../../dist/chunks", import.meta.url))) {
    if (file.endsWith(".cjs") && file !== "load.cjs") chunks.loadAll(file);
  }
  chunks.saveCode();
  run("warm-kept.mjs");
  if (attaches) inOwnNetns(() => run("warm-run.mjs"));
} finally {
  rmSync(process.env.XDG_CACHE_HOME, { recursive: true });
}
