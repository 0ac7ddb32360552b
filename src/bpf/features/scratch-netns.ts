import { syscall } from "../../linux/ffi.ts";
import { currentNetns, type Netns } from "../../linux/netns.ts";

const CLONE_NEWNET = 0x40000000;

/** Runs with a new, nameless network namespace at hand, which is gone afterwards. The thread stays where it was. */
export const withScratchNetns = <T>(run: (netns: Netns) => T): T => {
  const before = currentNetns();
  let scratch: Netns;
  try {
    syscall("unshare", "network namespace", CLONE_NEWNET);
    try {
      scratch = currentNetns();
    } finally {
      syscall("setns", "the namespace before", before.fd, CLONE_NEWNET);
    }
  } finally {
    before.close();
  }
  try {
    return run(scratch);
  } finally {
    scratch.close();
  }
};
