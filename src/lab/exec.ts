import { spawn } from "node:child_process";
import type { ChildProcess, SpawnOptions } from "node:child_process";
import type { Netns } from "../linux/netns.ts";
import { withNetns } from "../linux/with-netns.ts";
import { openNode } from "./lab.ts";

/**
 * Start a program in a network namespace. Only that: mounts, /sys included, and process ids stay the caller's, so that pins and files
 * are where they are outside. libuv forks on the calling thread, whose namespace the child inherits.
 */
export function spawnInNetns(netns: Netns, file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  return withNetns(netns, () => spawn(file, [...args], options));
}

/** Start a program on a node of a lab. `HopmarkError` code "no-lab" when lab or node is not there. */
export function spawnOnNode(
  lab: string,
  node: string,
  file: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  const netns = openNode(lab, node);
  try {
    return spawnInNetns(netns, file, args, options);
  } finally {
    netns.close();
  }
}
