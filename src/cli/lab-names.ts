/** The names of a lab's nodes, by their IOAM ids. */
import type { NodeNames } from "../follow/trace/path-object.ts";
import { readRecords } from "../lab/registry.ts";
import type { Topology } from "../lab/topology.ts";
import { openNetns } from "../linux/netns.ts";

export const namesOf = (topology: Topology): NodeNames =>
  new Map(
    Object.entries(topology.nodes).flatMap(([name, { ioam }]) =>
      ioam?.id === undefined ? [] : [[ioam.id, name] as const],
    ),
  );

/** Of the lab that a namespace belongs to; none when it belongs to no lab. */
export const namesAround = (netns: string | undefined): NodeNames => {
  if (netns === undefined) return new Map();
  const { inode, close } = openNetns(netns);
  close();
  const lab = readRecords().find(({ namespaces }) => namespaces.some((namespace) => namespace.inode === inode));
  return lab === undefined ? new Map() : namesOf(lab.topology);
};
