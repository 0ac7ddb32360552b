/** Two namespaces joined by a veth pair, for the length of a test: 10.77.0.1 in west, 10.77.0.2 in east. */
import { execFileSync } from "node:child_process";
import { onTestFinished } from "vitest";
import { createNetns, deleteNetns, type Netns } from "../../linux/netns.ts";
import { addAddress } from "../../linux/rtnetlink/addresses.ts";
import { createVeth, linkByName, setLink } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { withNetns } from "../../linux/with-netns.ts";
import type { Device } from "../attach/attachment.ts";

let count = 0;

export interface End extends Device {
  readonly netns: Netns;
  /** Runs a program inside and returns what it prints. */
  run(command: string, ...words: string[]): string;
  /** Pings the other end; returns the answers that came. */
  ping(times: number): number;
}

export interface Pair {
  readonly west: End;
  readonly east: End;
  /** Takes west's namespace away, as `ip netns del` does. */
  deleteWest(): void;
}

export const vethPair = (mtu = 1500): Pair => {
  const suffix = `${process.pid}-${count++}`;
  const names = { west: `hm-bpf-w-${suffix}`, east: `hm-bpf-e-${suffix}` };
  const west = createNetns(names.west);
  const east = createNetns(names.east);
  const deleteWest = (): void => {
    west.close();
    deleteNetns(names.west);
  };
  onTestFinished(() => {
    deleteWest();
    east.close();
    deleteNetns(names.east);
  });
  const route = openRtnetlink(west);
  createVeth(route, { name: "west", mtu }, { name: "east", netns: east, mtu });
  route.close();
  return {
    west: end(west, "west", "10.77.0.1/24", "10.77.0.2"),
    east: end(east, "east", "10.77.0.2/24", "10.77.0.1"),
    deleteWest,
  };
};

const end = (netns: Netns, name: string, prefix: string, other: string): End => {
  const route = openRtnetlink(netns);
  const { index } = linkByName(route, name);
  addAddress(route, index, prefix);
  setLink(route, index, { up: true });
  route.close();
  const run = (command: string, ...words: string[]): string =>
    withNetns(netns, () => execFileSync(command, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  const ping = (times: number): number => {
    const text = run("sh", "-c", `ping -n -i 0.002 -W 1 -c ${times} ${other} || true`);
    return Number(/(\d+) received/.exec(text)?.[1] ?? NaN);
  };
  return { ifindex: index, netns, name, run, ping };
};
