import { NETLINK_ROUTE } from "../netlink/constants.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import type { Netns } from "../netns.ts";
import { withNetns } from "../with-netns.ts";

/** Open rtnetlink in a namespace (default: the calling thread's). The socket keeps to it; `netns` may be closed. */
export function openRtnetlink(netns?: Netns): NetlinkSocket {
  const open = () => new NetlinkSocket(NETLINK_ROUTE);
  return netns === undefined ? open() : withNetns(netns, open);
}
