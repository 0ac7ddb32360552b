/**
 * `node --import hopmark/register program.ts`: TypeScript files outside node_modules load with their types stripped, and
 * `*.bpf.ts` with their functions registered for the compiler.
 */
import { register } from "node:module";
import { extname } from "node:path";

// Beside this file, and of its kind: `.js` where it is built.
register(new URL(`./load-hooks${extname(import.meta.url)}`, import.meta.url));
