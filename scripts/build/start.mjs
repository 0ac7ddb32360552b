// Starts a script as `node -r hopmark/register SCRIPT lo` does, in a network namespace that nobody else sees; without the
// device's name where that may not be made.
import { fileURLToPath } from "node:url";
import chunks from "../../dist/chunks/load.cjs";

process.execArgv.push("-r", "hopmark/register");

const start = (script, ...args) => {
  process.argv.splice(1, Infinity, fileURLToPath(new URL(script, import.meta.url)), ...args);
  chunks.loadChunk("./base.cjs").startScript();
};

export const startInOwnNetns = (script) => {
  const { createUnnamedNetns, withNetns } = chunks.loadChunk("./attach.cjs");
  let netns;
  try {
    netns = createUnnamedNetns();
  } catch {
    return start(script);
  }
  withNetns(netns, () => start(script, "lo"));
};
