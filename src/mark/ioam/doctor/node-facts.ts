/** What a node's configuration says that bears on traces. Reads only. */
import { HopmarkError } from "../../../errors.ts";
import type { Netns } from "../../../linux/netns.ts";
import { addresses } from "../../../linux/rtnetlink/addresses.ts";
import { links, type Link } from "../../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../../linux/rtnetlink/socket.ts";
import { readSysctl } from "../../../linux/sysctl.ts";
import { openNamespace } from "../device.ts";
import { localNode } from "../local-node.ts";
import type { IoamNode } from "../node.ts";
import { showIoam, type IoamStatus } from "../show.ts";

/** A node as the user names it. */
export interface NodeName {
  /** What is shown: `athos`. */
  readonly name: string;
  /** Its network namespace by NAME, PATH or PID; undefined for the caller's own. */
  readonly netns: string | undefined;
}

export interface InterfaceFacts {
  readonly name: string;
  readonly index: number;
  readonly mtu: number;
  /** Up, and its other end too. */
  readonly running: boolean;
  readonly loopback: boolean;
  /** Without their prefix lengths. */
  readonly addresses: readonly string[];
  /** `ioam6_enabled` */
  readonly kernelFills: boolean;
  readonly forwarding: boolean;
  readonly hopLimit: number;
}

export interface NodeFacts extends NodeName {
  /** Its ids and namespaces; else why the kernel has none. */
  readonly ioam: IoamNode | string;
  readonly interfaces: readonly InterfaceFacts[];
  /** Hopmark's parts. */
  readonly parts: readonly IoamStatus[];
}

/** A node with its namespace open, for looking up routes and for packets. Close it. */
export interface OpenNode {
  readonly facts: NodeFacts;
  readonly netns: Netns;
}

export const openNodeFacts = ({ name, netns: reference }: NodeName): OpenNode => {
  const netns = openNamespace(reference);
  try {
    const route = openRtnetlink(netns);
    try {
      const own = addresses(route);
      const interfaces = links(route).map((link): InterfaceFacts => {
        const bare = own.filter(({ index }) => index === link.index).map(({ prefix }) => prefix.replace(/\/.*$/, ""));
        return interfaceFacts(netns, link, bare);
      });
      const ioam = nodeOf(netns);
      return { netns, facts: { name, netns: reference, ioam, interfaces, parts: showIoam(reference) } };
    } finally {
      route.close();
    }
  } catch (error) {
    netns.close();
    throw error;
  }
};

const nodeOf = (netns: Netns): IoamNode | string => {
  try {
    return localNode(netns);
  } catch (error) {
    if (error instanceof HopmarkError) return error.message;
    throw error;
  }
};

const interfaceFacts = (netns: Netns, link: Link, own: readonly string[]): InterfaceFacts => {
  const read = (key: string): string | undefined => {
    try {
      return readSysctl(netns, `net/ipv6/conf/${link.name}/${key}`);
    } catch (error) {
      // Of a kernel without IOAM, or an interface too small for IPv6.
      if (error instanceof HopmarkError) return undefined;
      throw error;
    }
  };
  return {
    name: link.name,
    index: link.index,
    mtu: link.mtu,
    running: link.up && link.carrier,
    loopback: link.name === "lo",
    addresses: own,
    kernelFills: (read("ioam6_enabled") ?? "0") !== "0",
    forwarding: (read("forwarding") ?? "0") !== "0",
    hopLimit: Number(read("hop_limit") ?? "64"),
  };
};
