/** Numbers that network namespaces have for each other. Source: include/uapi/linux/net_namespace.h; ip-netns(8). */
import { Attributes } from "../netlink/attributes.ts";
import { MessageBuilder } from "../netlink/message.ts";
import type { NetlinkSocket } from "../netlink/socket.ts";
import { listNetns, NETNS_DIRECTORY, openNetns, type Netns } from "../netns.ts";

/**
 * The namespace that the socket's namespace calls by this number (`Link.peer.netnsId`), if it has a name in /run/netns. The
 * caller closes it.
 */
export function netnsOfId(route: NetlinkSocket, id: number): Netns | undefined {
  for (const name of listNetns()) {
    const netns = tryOpen(name);
    if (netns === undefined) continue;
    if (idOf(route, netns) === id) return netns;
    netns.close();
  }
  return undefined;
}

/** Which number the socket's namespace has for another one; undefined for none. */
function idOf(route: NetlinkSocket, netns: Netns): number | undefined {
  const call = { type: RTM_GETNSID, name: "RTM_GETNSID", object: netns.label };
  const [body] = route.request(call, new MessageBuilder().u32(0).attrU32(NETNSA_FD, netns.fd));
  const id = body && new Attributes(body.subarray(RTGENMSG_BYTES)).number(NETNSA_NSID);
  return id === NOT_ASSIGNED ? undefined : id;
}

/** A name may go, or name no namespace, while we look. */
function tryOpen(name: string): Netns | undefined {
  try {
    return openNetns(`${NETNS_DIRECTORY}/${name}`);
  } catch {
    return undefined;
  }
}

const RTM_GETNSID = 90;
/** `struct rtgenmsg`: family u8, padded. */
const RTGENMSG_BYTES = 4;
const NETNSA_NSID = 1;
const NETNSA_FD = 3;
const NOT_ASSIGNED = 0xffff_ffff;
