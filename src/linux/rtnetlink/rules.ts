/** Rules that choose the routing table (`ip -6 rule`). Source: include/uapi/linux/fib_rules.h. */
import { AF_INET6 } from "../ip-address.ts";
import { attributeList, viewOf } from "../netlink/attributes.ts";
import { MessageBuilder } from "../netlink/message.ts";
import type { NetlinkSocket } from "../netlink/socket.ts";

/** Whether IPv6 routes are looked up as in a fresh namespace: for all packets in the tables local and main, in this order. */
export function hasDefaultRules(route: NetlinkSocket): boolean {
  const call = { type: RTM_GETRULE, name: "RTM_GETRULE" };
  const rules = route.dump(call, new MessageBuilder().u32(AF_INET6).u32(0).u32(0)).map(parseRule);
  return JSON.stringify(rules) === JSON.stringify(defaults);
}

interface Rule {
  readonly priority: number;
  readonly table: number;
  /** It says nothing else than its priority and table. */
  readonly plain: boolean;
}

const defaults: readonly Rule[] = [
  { priority: 0, table: 255, plain: true },
  { priority: 32766, table: 254, plain: true },
];

/** `struct fib_rule_hdr`: family, dst_len, src_len, tos, table, res1, res2, action (all u8), flags u32. */
function parseRule(body: Uint8Array): Rule {
  const header = viewOf(body);
  const selectors = [1, 2, 3].some((at) => header.getUint8(at) !== 0);
  let plain = !selectors && header.getUint8(7) === FR_ACT_TO_TBL && header.getUint32(8, true) === 0;
  let priority = 0;
  let table = header.getUint8(4);
  for (const { type, payload } of attributeList(body.subarray(HEADER_BYTES))) {
    const view = viewOf(payload);
    if (type === FRA_PRIORITY) priority = view.getUint32(0, true);
    else if (type === FRA_TABLE) table = view.getUint32(0, true);
    else if (!(type === FRA_PROTOCOL || unset(type, payload))) plain = false;
  }
  return { priority, table, plain };
}

/** The kernel tells of suppressors also when there are none: all ones. */
const unset = (type: number, payload: Uint8Array): boolean =>
  (type === FRA_SUPPRESS_PREFIXLEN || type === FRA_SUPPRESS_IFGROUP) && payload.every((byte) => byte === 0xff);

const RTM_GETRULE = 34;
const HEADER_BYTES = 12;
const FR_ACT_TO_TBL = 1;
const FRA_PRIORITY = 6;
const FRA_SUPPRESS_IFGROUP = 13;
const FRA_SUPPRESS_PREFIXLEN = 14;
const FRA_TABLE = 15;
const FRA_PROTOCOL = 21;
