/** Labs: up, down, list, and the removal of those whose owner died. */
import { existsSync, statSync, unlinkSync } from "node:fs";
import { HopmarkError } from "../errors.ts";
import type { NetlinkSocket } from "../linux/netlink/socket.ts";
import { createUnnamedNetns, deleteNetns, nameNetns, NETNS_DIRECTORY, netnsInode, openNetns } from "../linux/netns.ts";
import type { Netns } from "../linux/netns.ts";
import { isAlive } from "../linux/process-identity.ts";
import type { ProcessIdentity } from "../linux/process-identity.ts";
import { deleteLink, findLink } from "../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../linux/rtnetlink/socket.ts";
import { waitUsable } from "../linux/rtnetlink/usable.ts";
import { ensureEnd, ensureLink, ensureNode, ensureRoutes } from "./configure.ts";
import type { Changes, OpenNode } from "./configure.ts";
import {
  bootId,
  hasHalfWritten,
  readRecord,
  readRecords,
  removeRecord,
  withRegistryLock,
  writeRecord,
} from "./registry.ts";
import type { LabNamespace, LabRecord } from "./registry.ts";
import { checkTopology, namespaceName } from "./topology.ts";
import type { Topology } from "./topology.ts";

/** Whose lab it is. */
export interface LabUpOptions {
  /** The lab goes when this process has gone (`reapDead`). Default: it stays until `labDown`. */
  readonly owner?: ProcessIdentity;
}

/**
 * Build a lab, or bring an existing one of that name back to what the topology says. Returns what was changed, one line each: nothing
 * for a lab that is as it should be. A new lab that fails half-way is taken down again.
 *
 * `ConfigError` for a topology that cannot be built, `HopmarkError` code "exists" when a namespace of that name is not ours,
 * "busy" when the lab belongs to another running process; all before anything is changed.
 */
export function labUp(topology: Topology, name: string, options: LabUpOptions = {}): Changes {
  checkTopology(topology, name);
  return withRegistryLock(() => {
    const before = readRecord(name);
    refuseForeignOwner(before, options.owner);
    const record = plan(topology, name, options.owner ?? null, before);
    try {
      return build(record, before);
    } catch (error) {
      if (before === undefined) remove(name);
      throw error;
    }
  });
}

/** Take a lab down: its links and its registered namespaces. False when there is no such lab; that is fine. */
export function labDown(name: string): boolean {
  return withRegistryLock(() => remove(name));
}

/** A registered lab, and what there is of it. */
export interface LabState {
  readonly name: string;
  readonly owner: ProcessIdentity | null;
  readonly ownerAlive: boolean;
  readonly nodes: readonly (LabNamespace & { readonly present: boolean })[];
}

/** The registered labs, by name. */
export function labList(): LabState[] {
  return readRecords().map((record) => ({
    name: record.name,
    owner: record.owner,
    ownerAlive: record.owner !== null && isAlive(record.owner),
    nodes: record.namespaces.map((namespace) => ({ ...namespace, present: isPresent(record, namespace) })),
  }));
}

/** Take down every lab whose owner has died (kill -9 leaves no time for it). Returns their names. */
export function reapDead(): string[] {
  const dead = (record: LabRecord) => record.owner !== null && !isAlive(record.owner);
  if (!readRecords().some(dead) && !hasHalfWritten()) return [];
  return withRegistryLock(() => {
    const names = readRecords()
      .filter(dead)
      .map((record) => record.name);
    for (const name of names) remove(name);
    return names;
  });
}

/** Open a node's network namespace. `HopmarkError` code "no-lab" when lab or node is not there. Close it. */
export function openNode(lab: string, node: string): Netns {
  const record = readRecord(lab);
  if (record === undefined) {
    throw new HopmarkError("no-lab", `there is no lab ${lab}`, { hint: "`hopmark lab list` shows the labs" });
  }
  const namespace = record.namespaces.find((candidate) => candidate.node === node);
  if (namespace === undefined) {
    const known = record.namespaces.map((candidate) => candidate.node).join(", ");
    throw new HopmarkError("no-lab", `lab ${lab} has no node ${node}`, { hint: `its nodes are ${known}` });
  }
  if (!isPresent(record, namespace)) {
    throw new HopmarkError("no-lab", `node ${node} of lab ${lab} is gone`, { hint: "bring the lab up again" });
  }
  return openNetns(namespace.name);
}

/** A lab that a running process made for itself is that process's. */
function refuseForeignOwner(before: LabRecord | undefined, owner: ProcessIdentity | undefined): void {
  const present = before?.owner ?? null;
  if (before === undefined || present === null || !isAlive(present)) return;
  if (present.pid === owner?.pid && present.startTime === owner.startTime) return;
  throw new HopmarkError("busy", `lab ${before.name} belongs to the running process ${present.pid}`, {
    hint: `choose another name, or take it down first: hopmark lab down ${before.name}`,
  });
}

/** Which namespaces there will be. Those of an earlier `up` are kept; a name that is taken by another is refused. */
function plan(topology: Topology, name: string, owner: ProcessIdentity | null, before?: LabRecord): LabRecord {
  const kept = (before?.namespaces ?? []).filter((namespace) => before !== undefined && isPresent(before, namespace));
  for (const node of Object.keys(topology.nodes)) {
    const wanted = namespaceName(name, node);
    if (kept.some((namespace) => namespace.name === wanted)) continue;
    if (before?.namespaces.some((namespace) => namespace.name === wanted) === true) removeRemains(wanted);
    if (!existsSync(`${NETNS_DIRECTORY}/${wanted}`)) continue;
    throw new HopmarkError("exists", `network namespace ${wanted} exists and does not belong to a lab`, {
      hint: `choose another name for the lab, or remove it: ip netns del ${wanted}`,
    });
  }
  return { name, owner, bootId: bootId(), namespaces: kept, topology };
}

function build(planned: LabRecord, before: LabRecord | undefined): Changes {
  const changes: Changes = [];
  const nodes = new Map<string, OpenNode>();
  try {
    let record = dropForeignNodes(planned, changes);
    writeRecord(record);
    for (const node of Object.keys(record.topology.nodes)) {
      const kept = record.namespaces.find((namespace) => namespace.node === node);
      const netns = kept === undefined ? createUnnamedNetns() : openNetns(kept.name);
      nodes.set(node, { name: node, netns, route: openRtnetlink(netns) });
      if (kept !== undefined) continue;
      // registered first, named then: killed in between we leave a record without a namespace, never the reverse
      const namespace = { node, name: namespaceName(record.name, node), inode: netns.inode };
      const without = record;
      record = { ...record, namespaces: [...record.namespaces, namespace] };
      writeRecord(record);
      try {
        nameNetns(netns, namespace.name);
      } catch (error) {
        writeRecord(without);
        throw error;
      }
      changes.push(`namespace ${namespace.name}`);
    }
    changes.push(...configure(record, nodes));
    if (before !== undefined && JSON.stringify(before.owner) !== JSON.stringify(record.owner)) changes.push("owner");
    return changes;
  } finally {
    for (const node of nodes.values()) {
      node.route.close();
      node.netns.close();
    }
  }
}

function configure({ topology }: LabRecord, nodes: ReadonlyMap<string, OpenNode>): Changes {
  const nodeOf = (name: string) => {
    const node = nodes.get(name);
    if (node === undefined) throw new RangeError(`no node ${name}`);
    return node;
  };
  const entries = Object.entries(topology.nodes);
  const changes = [
    ...entries.flatMap(([name, spec]) => ensureNode(nodeOf(name), spec)),
    ...topology.links.flatMap((link) => ensureLink(link, nodeOf)),
    ...topology.links.flatMap(({ ends: [first, second] }) => [
      ...ensureEnd(first, second, nodeOf(first.node), nodeOf(second.node)),
      ...ensureEnd(second, first, nodeOf(second.node), nodeOf(first.node)),
    ]),
    ...entries.flatMap(([name, spec]) => ensureRoutes(nodeOf(name), spec)),
  ];
  for (const end of topology.links.flatMap((link) => link.ends)) {
    waitUsable(nodeOf(end.node).route, end.device, end.addresses ?? []);
  }
  return changes;
}

/** Namespaces that an earlier topology of this lab had and this one has not. */
function dropForeignNodes(record: LabRecord, changes: Changes): LabRecord {
  const gone = record.namespaces.filter((namespace) => record.topology.nodes[namespace.node] === undefined);
  for (const namespace of gone) {
    deleteNetns(namespace.name);
    changes.push(`namespace ${namespace.name} removed`);
  }
  return { ...record, namespaces: record.namespaces.filter((namespace) => !gone.includes(namespace)) };
}

function remove(name: string): boolean {
  const record = readRecord(name);
  if (record === undefined) return false;
  for (const namespace of record.namespaces) {
    if (!isPresent(record, namespace)) {
      removeRemains(namespace.name);
      continue;
    }
    // a process may keep the namespace open for longer; its links shall not stay for that
    const netns = openNetns(namespace.name);
    const route = openRtnetlink(netns);
    try {
      removeLinks(record.topology, namespace.node, route);
    } finally {
      route.close();
      netns.close();
    }
    deleteNetns(namespace.name);
  }
  removeRecord(name);
  return true;
}

function removeLinks(topology: Topology, node: string, route: NetlinkSocket): void {
  for (const end of topology.links.flatMap((link) => link.ends)) {
    if (end.node !== node) continue;
    const link = findLink(route, end.device);
    if (link?.kind === "veth") deleteLink(route, link.index);
  }
}

/** The namespace of that name is still the one that was registered. */
function isPresent(record: LabRecord, namespace: LabNamespace): boolean {
  return record.bootId === bootId() && netnsInode(namespace.name) === namespace.inode;
}

/** An empty file under a registered name: what a process leaves that is killed between making the file and binding to it. */
function removeRemains(name: string): void {
  const path = `${NETNS_DIRECTORY}/${name}`;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.size !== 0 || netnsInode(name) !== undefined) return;
  unlinkSync(path);
}
