/** What an interface counted. Source: include/uapi/linux/if_link.h, struct rtnl_link_stats64. */
import { Attributes, viewOf } from "../netlink/attributes.ts";
import { MessageBuilder } from "../netlink/message.ts";
import { NetlinkError, type NetlinkSocket } from "../netlink/socket.ts";

export interface LinkStatistics {
  /** Packets. */
  readonly transmitted: bigint;
  /** Packets that were to be transmitted, and were not. */
  readonly transmitDropped: bigint;
}

/** NetlinkError ENODEV when there is no such interface. */
export const linkStatistics = (route: NetlinkSocket, index: number): LinkStatistics => {
  const object = `interface ${index}`;
  const message = new MessageBuilder().u32(0).u32(index).u32(0).u32(0);
  const [body] = route.request({ type: RTM_GETLINK, name: "RTM_GETLINK", object }, message);
  const statistics = body && new Attributes(body.subarray(16)).bytes(IFLA_STATS64);
  if (statistics === undefined) throw new NetlinkError("RTM_GETLINK", "ENODEV", object, undefined);
  const word = (at: number): bigint => viewOf(statistics).getBigUint64(at * 8, true);
  return { transmitted: word(1), transmitDropped: word(7) };
};

const RTM_GETLINK = 18;
const IFLA_STATS64 = 23;
