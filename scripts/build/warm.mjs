// Does what every start does, and writes what V8 compiled for it beside the chunks. Needs no privilege and no Linux.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import chunks from "../../dist/chunks/load.cjs";

process.argv[1] = fileURLToPath(new URL("typical.ts", import.meta.url));
chunks.loadChunk("./entry-compiler-source-register.cjs");
for (const file of readdirSync(new URL("../../dist/chunks", import.meta.url))) {
  if (file.endsWith(".cjs") && file !== "load.cjs") chunks.loadChunk(`./${file}`);
}
chunks.saveCode();
