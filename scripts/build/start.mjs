// Starts a script as `node -r hopmark/register SCRIPT lo` does, in a network namespace that nobody else sees; without the
// device's name where that may not be made.
import { fileURLToPath } from "node:url";
import chunks from "../../dist/chunks/load.cjs";

process.execArgv.push("-r", "hopmark/register");

const start = (script, ...args) => {
  process.argv.splice(1, Infinity, fileURLToPath(new URL(script, import.meta.url)), ...args);
  chunks.loadChunk("./base.cjs").startScript();
};

/** @returns {boolean} whether it had the device */
export const startInOwnNetns = (script) => {
  chunks.loadChunk("./attach.cjs");
  const { createUnnamedNetns, withNetns } = chunks.loadChunk("./netlink.cjs");
  if (createUnnamedNetns === undefined || withNetns === undefined) throw new Error("netlink.cjs has no namespaces");
  let netns;
  try {
    netns = createUnnamedNetns();
  } catch {
    start(script);
    return false;
  }
  withNetns(netns, () => start(script, "lo"));
  return true;
};
