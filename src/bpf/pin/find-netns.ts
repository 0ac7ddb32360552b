import { readdirSync } from "node:fs";
import { HopmarkError } from "../../errors.ts";
import { currentNetns, listNetns, NETNS_DIRECTORY, openNetns, type Netns } from "../../linux/netns.ts";

/**
 * The network namespace with this inode, opened: the thread's own, a named one, or a process's. Undefined when nobody is in
 * it and it has no name, so that nothing in it can be reached any more.
 */
export const findNetns = (inode: number): Netns | undefined => {
  const own = currentNetns();
  if (own.inode === inode) return own;
  own.close();
  const named = listNetns().map((name) => `${NETNS_DIRECTORY}/${name}`);
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => `/proc/${pid}/ns/net`);
  for (const path of [...named, ...processes]) {
    const found = tryOpen(path);
    if (found?.inode === inode) return found;
    found?.close();
  }
  return undefined;
};

const tryOpen = (path: string): Netns | undefined => {
  try {
    return openNetns(path);
  } catch (error) {
    if (error instanceof HopmarkError) return undefined; // gone meanwhile, not ours to see, or no namespace
    throw error;
  }
};
