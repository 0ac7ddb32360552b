/**
 * `node --import hopmark/register program.ts`: TypeScript files outside node_modules load with their types stripped, and
 * `*.bpf.ts` with their functions registered for the compiler.
 */
import { register } from "node:module";

register(new URL("./load-hooks.js", import.meta.url));
