#!/usr/bin/env node
// Starts the built program; says what to run when it has not been built.
import { existsSync } from "node:fs";

const program = new URL("../dist/cli/main.js", import.meta.url);
if (!existsSync(program)) {
  process.stderr.write("hopmark: not built yet; run: npm run build\n");
  process.exit(1);
}
const { main } = await import(program.href);
process.exit(await main(process.argv.slice(2)));
