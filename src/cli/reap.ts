/** Removes what processes left that died before they could: labs whose owner is gone, pins whose device is gone. */
import { removeLeftovers } from "../bpf/pin/registry.ts";
import { HopmarkError } from "../errors.ts";
import { reapDead } from "../lab/lab.ts";
import type { Output } from "./framework/output.ts";

/** Never fails: what cannot be removed is said, and the command goes on. */
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
