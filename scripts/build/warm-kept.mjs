// The same where all was compiled and kept before: of the chunks that this takes, the code for anything else only takes time to
// load.
import { rmSync } from "node:fs";
import chunks from "../../dist/chunks/load.cjs";
import { startInOwnNetns } from "./start.mjs";

for (const name of ["base", "attach"]) rmSync(new URL(`../../dist/chunks/${name}.cjs.code`, import.meta.url));
// The script reads a program's maps: without their handles it was not run, and none of what it takes would be kept.
if (startInOwnNetns("kept.ts") && !chunks.loaded.has("./handles.cjs")) throw new Error("kept.ts attached nothing");
// No program of it reads this header, and many do.
chunks.loadChunk("./base.tcp.cjs");
chunks.saveCode();
