#!/usr/bin/env node
// Starts the built program; says what to run when it has not been built. CommonJS, as package.json beside it says: Node.js starts
// sooner without its loader of ES modules.
"use strict";
const { existsSync } = require("node:fs");

const loader = `${__dirname}/../dist/chunks/load.cjs`;
if (!existsSync(loader)) {
  process.stderr.write("hopmark: not built yet; run: npm run build\n");
  process.exit(1);
}
const { main } = require(loader).loadChunk("./entry-cli-main.cjs");
main(process.argv.slice(2)).then((status) => process.exit(status));
