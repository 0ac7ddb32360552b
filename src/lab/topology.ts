/** What a lab is made of. All of it is data that survives JSON, so that the registry can keep it. */
import { ConfigError } from "../errors.ts";
import type { Offload } from "../linux/ethtool.ts";
import { parseIp, parseMac, parsePrefix } from "../linux/ip-address.ts";
import { checkLinkName } from "../linux/rtnetlink/links.ts";

/** A lab as data: its nodes and the links between them. */
export interface Topology {
  /** By name: letters, digits and underscore. Each becomes the network namespace LAB-NODE. */
  readonly nodes: Readonly<Record<string, LabNode>>;
  readonly links: readonly LabLink[];
}

/** A node: a network namespace with its settings. */
export interface LabNode {
  /** Paths below /proc/sys of the namespace, with slashes. */
  readonly sysctls?: Readonly<Record<string, string | number>>;
  /** Addresses of the loopback: those that stay reachable while one of several links is there. */
  readonly addresses?: readonly string[];
  readonly routes?: readonly LabRoute[];
  readonly ioam?: NodeIoam;
}

/** A route of a node. */
export interface LabRoute {
  /** `db02::/64`. */
  readonly destination: string;
  readonly via?: string;
  readonly device: string;
  /** Further next hops with the same right: flows are shared out among all of them (ECMP). */
  readonly also?: readonly { readonly via: string; readonly device: string }[];
  /** Locally made packets on this route are at most this long. */
  readonly mtu?: number;
}

/** The node's part in IOAM as the Linux kernel plays it. */
export interface NodeIoam {
  /** 24 bits. */
  readonly id?: number;
  /** 56 bits, `0x…`. */
  readonly idWide?: string;
  readonly namespaces?: readonly LabIoamNamespace[];
  readonly schemas?: readonly { readonly id: number; readonly text: string }[];
}

/** An IOAM namespace of a node, as the kernel knows it. */
export interface LabIoamNamespace {
  readonly id: number;
  /** 32 bits, for bit 5. */
  readonly data?: number;
  /** 64 bits, `0x…`, for bit 10. */
  readonly dataWide?: string;
  readonly schema?: number;
}

/** A veth pair. Each end knows the MACs of the other's addresses, so that traffic flows at once. */
export interface LabLink {
  readonly ends: readonly [LinkEnd, LinkEnd];
  /**
   * Receive and transmit queues of both ends, from 1 on: one for each CPU that shall send or receive at once. Default: one, as the
   * kernel makes it. A link that is there keeps those it was made with.
   */
  readonly queues?: number;
}

/** One end of a link: a device in a node. */
export interface LinkEnd {
  readonly node: string;
  readonly device: string;
  readonly mac?: string;
  /** Default 1500. */
  readonly mtu?: number;
  /** `db01::1/64`; IPv6 ones are used without duplicate address detection. */
  readonly addresses?: readonly string[];
  readonly offloads?: Readonly<Partial<Record<Offload, boolean>>>;
  /** 16-bit IOAM id of the interface. */
  readonly ioamId?: number;
  readonly ioamIdWide?: number;
  /** Whether the kernel fills in traces that arrive here. Default: no, as in the kernel. */
  readonly ioamEnabled?: boolean;
}

/** What a veth device may have. */
const MOST_QUEUES = 4096;

/** The namespace of a node. */
export function namespaceName(lab: string, node: string): string {
  return `${lab}-${node}`;
}

/** `ConfigError`, which names the thing, for a topology or a lab name that could not be built. Changes nothing. */
export function checkTopology(topology: Topology, lab: string): void {
  checkLabName(lab);
  const nodes = Object.entries(topology.nodes);
  if (nodes.length === 0) throw new ConfigError(`lab ${lab} has no nodes`);
  const devices = new Set<string>();
  for (const [name] of nodes) {
    if (!/^[A-Za-z0-9_]+$/.test(name)) throw new ConfigError(`"${name}" is not a name for a node`);
  }
  for (const { queues = 1, ends } of topology.links) {
    const name = ends.map(({ node, device }) => `${node}/${device}`).join(" to ");
    if (!Number.isInteger(queues) || queues < 1 || queues > MOST_QUEUES)
      throw new ConfigError(`link ${name}: ${queues} queues`, {
        hint: `give it a whole number from 1 to ${MOST_QUEUES}`,
      });
  }
  for (const end of topology.links.flatMap((link) => link.ends)) {
    const device = `${end.node}/${end.device}`;
    if (topology.nodes[end.node] === undefined) throw new ConfigError(`${device}: there is no node ${end.node}`);
    checkLinkName(end.device);
    if (devices.has(device)) throw new ConfigError(`${device} is the end of two links`);
    devices.add(device);
    if (end.mac !== undefined) parseMac(end.mac);
    for (const address of end.addresses ?? []) parsePrefix(address);
  }
  for (const [name, node] of nodes) {
    for (const route of node.routes ?? []) {
      parsePrefix(route.destination);
      for (const { via, device } of [route, ...(route.also ?? [])]) {
        if (via !== undefined) parseIp(via);
        if (!devices.has(`${name}/${device}`)) {
          throw new ConfigError(`route ${route.destination} of ${name}: there is no device ${device}`);
        }
      }
    }
    for (const address of node.addresses ?? []) parsePrefix(address);
  }
}

export function checkLabName(lab: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}$/.test(lab)) return;
  throw new ConfigError(`"${lab}" is not a name for a lab`, { hint: "use letters, digits, dot, dash and underscore" });
}
