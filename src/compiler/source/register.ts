/**
 * `node -r hopmark/register program.ts`, or `--import`: TypeScript files outside node_modules load with their types stripped,
 * and `*.bpf.ts` with their functions registered for the compiler.
 */
import { startScript } from "./start-script.ts";

startScript();
