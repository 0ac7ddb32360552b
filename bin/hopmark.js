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

const start = () => {
  try {
    return require(loader).loadChunk("./entry-cli-main.cjs");
  } catch (error) {
    if (error.code !== "HOPMARK_INSTALLATION") throw error;
    process.stderr.write(`hopmark: ${error.message}\n  ${error.hint}\n`);
    process.exit(1);
  }
};
start()
  .main(process.argv.slice(2))
  .then((status) => process.exit(status));
