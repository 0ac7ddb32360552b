/** Tests on one CPU, in a process that may run other files' tests after them. */
import { afterAll, beforeAll } from "vitest";
import { allowCpus, allowedCpus, pinToOneCpu } from "../fuzz/pin-cpu.ts";

/** From before the first test of the file (or the group) that calls this until after its last. */
export const pinTests = (): void => {
  let before: Uint8Array;
  beforeAll(() => {
    before = allowedCpus();
    pinToOneCpu();
  });
  afterAll(() => allowCpus(before));
};
