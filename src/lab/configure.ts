/**
 * Brings nodes to the state their topology describes. Each function compares first, changes only what differs, and says what
 * it changed; on a lab that is as it should be they change nothing.
 */
import { setOffloads } from "../linux/ethtool.ts";
import { Ioam6 } from "../linux/genetlink/ioam6.ts";
import type { IoamNamespace } from "../linux/genetlink/ioam6.ts";
import type { NetlinkSocket } from "../linux/netlink/socket.ts";
import type { Netns } from "../linux/netns.ts";
import { addAddress, addresses } from "../linux/rtnetlink/addresses.ts";
import { createVeth, deleteLink, findLink, linkByName, setLink } from "../linux/rtnetlink/links.ts";
import type { Link } from "../linux/rtnetlink/links.ts";
import { neighbours, setNeighbour } from "../linux/rtnetlink/neighbours.ts";
import { replaceRoute, routes, type RouteSpec } from "../linux/rtnetlink/routes.ts";
import { readSysctl, writeSysctl } from "../linux/sysctl.ts";
import { formatIp, parseIp, parsePrefix } from "../linux/ip-address.ts";
import type { LabIoamNamespace, LabLink, LabNode, LabRoute, LinkEnd, NodeIoam } from "./topology.ts";

/** A node while it is worked on. */
export interface OpenNode {
  readonly name: string;
  readonly netns: Netns;
  readonly route: NetlinkSocket;
}

/** What was changed, one line each, for people. */
export type Changes = string[];

/** The veth pair exists, its ends are each other's, and they have their MACs and MTUs. They are left down when new. */
export function ensureLink(link: LabLink, nodeOf: (name: string) => OpenNode): Changes {
  const [first, second] = link.ends;
  const [near, far] = [nodeOf(first.node), nodeOf(second.node)];
  const changes: Changes = [];
  const found = [findLink(near.route, first.device), findLink(far.route, second.device)] as const;
  if (!arePeers(...found)) {
    for (const [end, node] of [
      [found[0], near],
      [found[1], far],
    ] as const) {
      if (end !== undefined && findLink(node.route, end.name)?.index === end.index) deleteLink(node.route, end.index);
    }
    createVeth(near.route, vethEnd(link, first, near), vethEnd(link, second, far));
    changes.push(`link ${first.node}/${first.device} to ${second.node}/${second.device}`);
  }
  for (const [end, node] of [
    [first, near],
    [second, far],
  ] as const) {
    const { index, mac, mtu } = linkByName(node.route, end.device);
    if (end.mac !== undefined && mac !== end.mac) {
      setLink(node.route, index, { mac: end.mac });
      changes.push(`${end.node}/${end.device} mac ${end.mac}`);
    }
    if (mtu !== (end.mtu ?? DEFAULT_MTU)) {
      setLink(node.route, index, { mtu: end.mtu ?? DEFAULT_MTU });
      changes.push(`${end.node}/${end.device} mtu ${end.mtu ?? DEFAULT_MTU}`);
    }
  }
  return changes;
}

/** Sysctls of the interface, up, offloads, addresses, and the MACs of the addresses at the other end. */
export function ensureEnd(end: LinkEnd, other: LinkEnd, node: OpenNode, otherNode: OpenNode): Changes {
  const { route, netns } = node;
  const label = `${end.node}/${end.device}`;
  const { index, up } = linkByName(route, end.device);
  const changes = ensureSysctls(netns, end.node, endSysctls(end));
  if (!up) {
    setLink(route, index, { up: true });
    changes.push(`${label} up`);
  }
  // Behind it: GRO on an end that is down makes it take redirected frames, of which the kernel tells the other end nothing.
  const offloads = Object.keys(setOffloads(route, end.device, end.offloads ?? {}));
  if (offloads.length > 0) changes.push(`${label} features ${offloads.join(", ")}`);
  const present = new Set(addresses(route, index).map((address) => address.prefix));
  for (const address of end.addresses ?? []) {
    if (present.has(canonicalPrefix(address))) continue;
    addAddress(route, index, address, { duplicateDetection: false });
    changes.push(`${label} address ${address}`);
  }
  const { mac } = linkByName(otherNode.route, other.device);
  const known = neighbours(route).filter((neighbour) => neighbour.index === index && neighbour.permanent);
  for (const prefix of other.addresses ?? []) {
    const address = formatIp(parsePrefix(prefix).bytes);
    if (known.some((neighbour) => neighbour.address === address && neighbour.mac === mac)) continue;
    setNeighbour(route, index, address, mac);
    changes.push(`${label} neighbour ${address}`);
  }
  return changes;
}

/** The loopback, the sysctls and IOAM of a node. */
export function ensureNode(node: OpenNode, spec: LabNode): Changes {
  const changes = ensureSysctls(node.netns, node.name, { ...spec.sysctls, ...ioamSysctls(spec.ioam) });
  if (!linkByName(node.route, "lo").up) {
    setLink(node.route, LOOPBACK, { up: true });
    changes.push(`${node.name}/lo up`);
  }
  const present = new Set(addresses(node.route, LOOPBACK).map((address) => address.prefix));
  for (const address of spec.addresses ?? []) {
    if (present.has(canonicalPrefix(address))) continue;
    addAddress(node.route, LOOPBACK, address, { duplicateDetection: false });
    changes.push(`${node.name}/lo address ${address}`);
  }
  if (spec.ioam !== undefined) changes.push(...ensureIoam(node, spec.ioam));
  return changes;
}

/** The routes of a node; last of all, because they need the addresses. */
export function ensureRoutes(node: OpenNode, spec: LabNode): Changes {
  const changes: Changes = [];
  for (const wanted of spec.routes ?? []) {
    const destination = canonicalPrefix(wanted.destination);
    const way = wayOf(wanted, node);
    const present = routes(node.route).some(
      (route) =>
        route.destination === destination &&
        isSameWay(route, way) &&
        // an MTU that we do not ask for may be somebody's: encapsulation lowers it
        (wanted.mtu === undefined || route.mtu === wanted.mtu),
    );
    if (present) continue;
    replaceRoute(node.route, { destination, ...way, ...(wanted.mtu !== undefined && { mtu: wanted.mtu }) });
    changes.push(`${node.name} route ${destination}`);
  }
  return changes;
}

type Way = Pick<RouteSpec, "device" | "gateway" | "nextHops">;

function wayOf({ also = [], ...first }: LabRoute, node: OpenNode): Way {
  const ways = [first, ...also].map(({ via, device }) => ({
    device: linkByName(node.route, device).index,
    ...(via !== undefined && { gateway: formatIp(parseIp(via).bytes) }),
  }));
  const [only] = ways;
  return ways.length === 1 && only !== undefined ? only : { nextHops: ways.map((way) => ({ ...way, weight: 1 })) };
}

function isSameWay(route: Way, wanted: Way): boolean {
  if (wanted.nextHops === undefined) return route.device === wanted.device && route.gateway === wanted.gateway;
  const text = ({ nextHops = [] }: Way): string =>
    nextHops
      .map(({ device, gateway = "", weight }) => `${device} ${gateway} ${weight}`)
      .toSorted()
      .join(", ");
  return text(route) === text(wanted);
}

function ensureSysctls(netns: Netns, node: string, wanted: Readonly<Record<string, string | number>>): Changes {
  const changes: Changes = [];
  for (const [key, value] of Object.entries(wanted)) {
    // lists come back with tabs
    if (readSysctl(netns, key).replace(/\s+/g, " ") === String(value)) continue;
    writeSysctl(netns, key, value);
    changes.push(`${node} ${key} = ${value}`);
  }
  return changes;
}

function endSysctls(end: LinkEnd): Record<string, string | number> {
  const conf = `net/ipv6/conf/${end.device}`;
  return {
    [`${conf}/accept_dad`]: 0,
    [`${conf}/accept_ra`]: 0,
    [`${conf}/router_solicitations`]: 0,
    // Reports of multicast groups go out at once, and not by chance within two seconds, between what is being studied.
    [`${conf}/mldv2_unsolicited_report_interval`]: 0,
    ...(end.ioamEnabled !== undefined && { [`${conf}/ioam6_enabled`]: end.ioamEnabled ? 1 : 0 }),
    ...(end.ioamId !== undefined && { [`${conf}/ioam6_id`]: end.ioamId }),
    ...(end.ioamIdWide !== undefined && { [`${conf}/ioam6_id_wide`]: end.ioamIdWide }),
  };
}

function ioamSysctls(ioam: NodeIoam | undefined): Record<string, string | number> {
  return {
    ...(ioam?.id !== undefined && { "net/ipv6/ioam6_id": ioam.id }),
    ...(ioam?.idWide !== undefined && { "net/ipv6/ioam6_id_wide": String(BigInt(ioam.idWide)) }),
  };
}

function ensureIoam(node: OpenNode, wanted: NodeIoam): Changes {
  const ioam = new Ioam6(node.netns);
  const changes: Changes = [];
  try {
    const schemas = new Map(ioam.schemas().map((schema) => [schema.id, schema.data]));
    for (const { id, text } of wanted.schemas ?? []) {
      const data = schemaBytes(text);
      const present = schemas.get(id);
      if (present !== undefined && Buffer.compare(present, data) === 0) continue;
      if (present !== undefined) ioam.deleteSchema(id);
      ioam.addSchema({ id, data });
      changes.push(`${node.name} IOAM schema ${id}`);
    }
    const namespaces = new Map(ioam.namespaces().map((namespace) => [namespace.id, namespace]));
    for (const spec of wanted.namespaces ?? []) {
      const namespace = ioamNamespace(spec);
      const present = namespaces.get(spec.id);
      if (present !== undefined && sameNamespace(present, namespace)) continue;
      if (present !== undefined) ioam.deleteNamespace(spec.id);
      ioam.addNamespace(namespace);
      changes.push(`${node.name} IOAM namespace ${spec.id}`);
    }
  } finally {
    ioam.close();
  }
  return changes;
}

function ioamNamespace(spec: LabIoamNamespace): IoamNamespace {
  return {
    id: spec.id,
    ...(spec.data !== undefined && { data: spec.data }),
    ...(spec.dataWide !== undefined && { dataWide: BigInt(spec.dataWide) }),
    ...(spec.schema !== undefined && { schema: spec.schema }),
  };
}

function sameNamespace(left: IoamNamespace, right: IoamNamespace): boolean {
  return left.data === right.data && left.dataWide === right.dataWide && left.schema === right.schema;
}

/** The text padded with zeros to a multiple of 4, as the kernel keeps it. */
function schemaBytes(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes);
  return padded;
}

function arePeers(left: Link | undefined, right: Link | undefined): boolean {
  return (
    left?.kind === "veth" &&
    right?.kind === "veth" &&
    left.peer?.index === right.index &&
    right.peer?.index === left.index
  );
}

function vethEnd({ queues }: LabLink, end: LinkEnd, node: OpenNode): Parameters<typeof createVeth>[1] {
  return {
    name: end.device,
    netns: node.netns,
    mtu: end.mtu ?? DEFAULT_MTU,
    ...(queues !== undefined && { queues }),
    ...(end.mac !== undefined && { mac: end.mac }),
  };
}

function canonicalPrefix(text: string): string {
  const { bytes, length } = parsePrefix(text);
  return `${formatIp(bytes)}/${length}`;
}

const LOOPBACK = 1;
const DEFAULT_MTU = 1500;
