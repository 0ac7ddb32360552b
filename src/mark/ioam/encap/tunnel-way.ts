/** The outer header's addresses, and the way to the tunnel's end, as the kernel's routes say. */
import { ConfigError, UnsupportedError } from "../../../errors.ts";
import { NetlinkError, type NetlinkSocket } from "../../../linux/netlink/socket.ts";
import { linkByIndex } from "../../../linux/rtnetlink/links.ts";
import { routeTo, type Route } from "../../../linux/rtnetlink/routes.ts";
import { openRtnetlink } from "../../../linux/rtnetlink/socket.ts";
import { ipv6 } from "../../../wire/address.ts";
import { ethernetHeaderBytes, type LocalDevice } from "../device.ts";
import type { EncapTunnel } from "./rule.ts";
import { localInterface } from "../local-node.ts";

/** A tunnel, and what the route to its end says of the longest packet there. */
export interface TunnelWay {
  readonly tunnel: EncapTunnel;
  readonly routeMtu: number | null;
}

/** What a rule says of its tunnel. Without `tunsrc` it is the address that the kernel would choose towards `tundst`. */
export interface TunnelEnds {
  readonly tunsrc?: string;
  readonly tundst: string;
}

/**
 * Finds the way to `tundst`. ConfigError when no route leads there, when it is this node's own address, or when no address
 * to send from is known; UnsupportedError for a device without Ethernet header.
 */
export const tunnelWay = (device: LocalDevice, { tunsrc, tundst }: TunnelEnds): TunnelWay => {
  const { netns, link } = device;
  if (device.interface.network === 0) {
    throw new UnsupportedError("ioam-encap", `${link.name} has no Ethernet header, which mode encap needs to send on`, {
      hint: "use mode inline there, or mode encap on the Ethernet interface below it",
    });
  }
  const socket = openRtnetlink(netns);
  try {
    const route = wayTo(socket, tundst);
    const source = tunsrc ?? route.source;
    if (source === undefined) {
      throw new ConfigError(`this node has no address to send from to ${tundst}`, { hint: "say one: tunsrc ADDRESS" });
    }
    const link = linkByIndex(socket, route.device);
    const { index, name, mtu } = link;
    const egress = localInterface(netns, name, ethernetHeaderBytes(link));
    const tunnel = { source: ipv6(source), destination: ipv6(tundst), ifindex: index, egress, mtu };
    return { tunnel, routeMtu: route.mtu ?? null };
  } finally {
    socket.close();
  }
};

const wayTo = (socket: NetlinkSocket, tundst: string): Route & { readonly device: number } => {
  let route: Route;
  try {
    route = routeTo(socket, tundst);
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    throw noRoute(tundst, error);
  }
  if (route.kind === "local") {
    throw new ConfigError(`tundst ${tundst} is this node's own address`, {
      hint: "name the node where the outer header ends: the one with the sink",
    });
  }
  const { device } = route;
  if (route.kind !== "unicast" || device === undefined) throw noRoute(tundst);
  return { ...route, device };
};

const noRoute = (tundst: string, cause?: unknown): ConfigError =>
  new ConfigError(`no route leads to tundst ${tundst}`, {
    hint: `add one first: ip -6 route add ${tundst} via GATEWAY`,
    ...(cause !== undefined && { cause }),
  });
