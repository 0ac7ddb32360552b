/** What every command does before it changes anything: look at what others left, and at where it is. */
import { bpffsMounted, ensureBpffs } from "../bpf/pin/bpffs.ts";
import { removeLeftovers } from "../bpf/pin/registry.ts";
import { HopmarkError } from "../errors.ts";
import { mayHaveDeadLabs } from "../lab/dead-labs.ts";
import { inInitialMountNamespace } from "../linux/mounts.ts";
import type { Output } from "./framework/output.ts";

/** Removes labs whose owner died before it could. Never fails: what cannot be removed is said, and the command goes on. */
export const reapLabs = async (output: Output): Promise<void> => {
  if (!mayHaveDeadLabs()) return;
  const { reapDead } = await import("../lab/lab.ts");
  reap(reapDead, output);
};

/** The same with pins whose device is gone. */
export const reapPins = (output: Output): void => reap(removeLeftovers, output);

const reap = (remove: () => unknown, output: Output): void => {
  try {
    remove();
  } catch (error) {
    const refused = error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM");
    if (!(error instanceof HopmarkError) && !refused) throw error;
    if (!output.json) output.note(`warning: what a dead process left could not be removed: ${error.message}`);
  }
};

/**
 * Refuses to go on where pins cannot be seen, as under `ip netns exec`: what is set up would look as if it were not, and what is set
 * up there would vanish with the command. UnsupportedError says what to do instead.
 */
export const requirePins = (): void => {
  if (!bpffsMounted() && inInitialMountNamespace() !== true) ensureBpffs();
};
