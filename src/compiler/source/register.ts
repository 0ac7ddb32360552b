/**
 * `node --import hopmark/register program.ts`: TypeScript files outside node_modules load with their types stripped, and
 * `*.bpf.ts` with their functions registered for the compiler.
 */
import { loadAhead } from "./load-ahead.ts";
import { registerHooks } from "./register-hooks.ts";

const script = process.argv[1];

// The one `--import` is the one that brought us here.
if (script === undefined || !loadAhead(script, { imports: 1 })) registerHooks();
