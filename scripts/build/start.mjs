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
 * As `node -r hopmark/register SCRIPT lo` does. A kernel that takes no programs here is no reason not to build.
 * @returns {boolean} whether the script could attach programs
 */
export const startInOwnNetns = (script) =>
  inOwnNetns((...devices) => {
    process.execArgv.splice(0, Infinity, "-r", "hopmark/register");
    process.argv.splice(1, Infinity, fileURLToPath(new URL(script, import.meta.url)), ...devices);
    const { HopmarkError, startScript } = chunks.loadChunk("./base.cjs");
    try {
      startScript();
    } catch (error) {
      if (!(error instanceof HopmarkError) || devices.length === 0) throw error;
      console.warn(`built as for a machine without programs: ${error.message}`);
      return false;
    }
    return devices.length > 0;
  });
