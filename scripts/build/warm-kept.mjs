// The same where all was compiled and kept before: of the chunks that this takes, the code for anything else only takes time to
// load.
import { rmSync } from "node:fs";
import chunks from "../../dist/chunks/load.cjs";
import { startInOwnNetns } from "./start.mjs";

for (const name of ["base", "attach"]) rmSync(new URL(`../../dist/chunks/${name}.cjs.code`, import.meta.url));
startInOwnNetns("kept.ts");
// No program of it reads this header, and many do.
chunks.loadChunk("./base.tcp.cjs");
chunks.saveCode();
