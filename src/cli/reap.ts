/** What every command does before it changes anything: look at what others left, and at where it is. */
import { bpffsMounted, ensureBpffs } from "../bpf/pin/bpffs.ts";
import { removeLeftovers } from "../bpf/pin/registry.ts";
import { HopmarkError } from "../errors.ts";
import { reapDead } from "../lab/lab.ts";
import { inInitialMountNamespace } from "../linux/mounts.ts";
import type { Output } from "./framework/output.ts";

/**
 * Removes what processes left that died before they could: labs whose owner is gone, pins whose device is gone.
 * Never fails: what cannot be removed is said, and the command goes on.
 */
export const reap = (output: Output): void => {
  for (const remove of [reapDead, removeLeftovers]) {
    try {
      remove();
    } catch (error) {
      if (!(error instanceof HopmarkError)) throw error;
      if (!output.json) output.note(`warning: what a dead process left could not be removed: ${error.message}`);
    }
  }
};

/**
 * Refuses to go on where pins cannot be seen, as under `ip netns exec`: what is set up would look as if it were not, and what is set
 * up there would vanish with the command. UnsupportedError says what to do instead.
 */
export const requirePins = (): void => {
  if (!bpffsMounted() && inInitialMountNamespace() !== true) ensureBpffs();
};
