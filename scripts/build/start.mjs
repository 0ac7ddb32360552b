// Starts programs in a network namespace that nobody else sees, on its loopback.
import { fileURLToPath } from "node:url";
import chunks from "../../dist/chunks/load.cjs";

/** @param {(device?: string) => unknown} run without the device's name where no namespace may be made */
export const inOwnNetns = (run) => {
  chunks.loadChunk("./attach.cjs");
  const { createUnnamedNetns, withNetns } = chunks.loadChunk("./netlink.cjs");
  if (createUnnamedNetns === undefined || withNetns === undefined) throw new Error("netlink.cjs has no namespaces");
  let netns;
  try {
    netns = createUnnamedNetns();
  } catch {
    return run();
  }
  return withNetns(netns, () => run("lo"));
};

/**
 * As `node -r hopmark/register SCRIPT lo` does.
 * @returns {boolean} whether it had the device
 */
export const startInOwnNetns = (script) =>
  inOwnNetns((...devices) => {
    process.execArgv.splice(0, Infinity, "-r", "hopmark/register");
    process.argv.splice(1, Infinity, fileURLToPath(new URL(script, import.meta.url)), ...devices);
    chunks.loadChunk("./base.cjs").startScript();
    return devices.length > 0;
  });
