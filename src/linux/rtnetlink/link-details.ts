/** What `ip -d link` tells of an interface beyond `links.ts`. Source: include/uapi/linux/if_link.h, if.h; ip-link(8). */
import { formatMac } from "../ip-address.ts";
import { Attributes, viewOf } from "../netlink/attributes.ts";
import { MessageBuilder } from "../netlink/message.ts";
import { NetlinkError, type NetlinkSocket } from "../netlink/socket.ts";

export interface LinkDetails {
  /** `BROADCAST`, `UP`, `LOWER_UP` …, in iproute2's order. */
  readonly flags: readonly string[];
  readonly qdisc: string;
  /** `UP`, `DOWN`, `UNKNOWN` … */
  readonly state: string;
  /** `DEFAULT` or `DORMANT`. */
  readonly mode: string;
  /** `default` for 0. */
  readonly group: string;
  readonly txQueueLength: number;
  readonly broadcast: string;
  readonly promiscuity: number;
  readonly allMulticast: number;
  readonly minMtu: number;
  readonly maxMtu: number;
  /** How IPv6 addresses are generated; undefined without IPv6. */
  readonly addressGeneration: string | undefined;
  readonly transmitQueues: number;
  readonly receiveQueues: number;
  readonly gsoMaxSize: number;
  readonly gsoMaxSegments: number;
  readonly tsoMaxSize: number;
  readonly tsoMaxSegments: number;
  readonly groMaxSize: number;
}

/** NetlinkError ENODEV when there is no such interface. */
export const linkDetails = (route: NetlinkSocket, index: number): LinkDetails => {
  const object = `interface ${index}`;
  const message = new MessageBuilder().u32(0).u32(index).u32(0).u32(0);
  const [body] = route.request({ type: RTM_GETLINK, name: "RTM_GETLINK", object }, message);
  if (body === undefined) throw new NetlinkError("RTM_GETLINK", "ENODEV", object, undefined);
  const attributes = new Attributes(body.subarray(16));
  const number = (type: number): number => attributes.number(type) ?? 0;
  const generation = attributes.nested(IFLA_AF_SPEC).nested(AF_INET6).number(IFLA_INET6_ADDR_GEN_MODE);
  return {
    flags: flagNames(viewOf(body).getUint32(8, true)),
    qdisc: attributes.string(IFLA_QDISC) ?? "noop",
    state: states[number(IFLA_OPERSTATE)] ?? "UNKNOWN",
    mode: number(IFLA_LINKMODE) === 1 ? "DORMANT" : "DEFAULT",
    group: number(IFLA_GROUP) === 0 ? "default" : String(number(IFLA_GROUP)),
    txQueueLength: number(IFLA_TXQLEN),
    broadcast: formatMac(attributes.bytes(IFLA_BROADCAST) ?? new Uint8Array(0)),
    promiscuity: number(IFLA_PROMISCUITY),
    allMulticast: number(IFLA_ALLMULTI),
    minMtu: number(IFLA_MIN_MTU),
    maxMtu: number(IFLA_MAX_MTU),
    addressGeneration: generation === undefined ? undefined : generations[generation],
    transmitQueues: number(IFLA_NUM_TX_QUEUES),
    receiveQueues: number(IFLA_NUM_RX_QUEUES),
    gsoMaxSize: number(IFLA_GSO_MAX_SIZE),
    gsoMaxSegments: number(IFLA_GSO_MAX_SEGS),
    tsoMaxSize: number(IFLA_TSO_MAX_SIZE),
    tsoMaxSegments: number(IFLA_TSO_MAX_SEGS),
    groMaxSize: number(IFLA_GRO_MAX_SIZE),
  };
};

/** Bits of `ifi_flags`, in iproute2's order. */
const flagBits: readonly (readonly [bit: number, name: string])[] = [
  [3, "LOOPBACK"],
  [1, "BROADCAST"],
  [4, "POINTOPOINT"],
  [12, "MULTICAST"],
  [7, "NOARP"],
  [9, "ALLMULTI"],
  [8, "PROMISC"],
  [10, "MASTER"],
  [11, "SLAVE"],
  [2, "DEBUG"],
  [15, "DYNAMIC"],
  [14, "AUTOMEDIA"],
  [13, "PORTSEL"],
  [5, "NOTRAILERS"],
  [0, "UP"],
  [16, "LOWER_UP"],
  [17, "DORMANT"],
  [18, "ECHO"],
];
const IFF_UP = 1;
const IFF_RUNNING = 1 << 6;

const flagNames = (flags: number): string[] => [
  ...((flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) === 0 ? ["NO-CARRIER"] : []),
  ...flagBits.filter(([bit]) => (flags & (1 << bit)) !== 0).map(([, name]) => name),
];

/** IF_OPER_… (RFC 2863, section 3.1.14). */
const states = ["UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"];
/** IN6_ADDR_GEN_MODE_… */
const generations = ["eui64", "none", "stable_secret", "random"];

const RTM_GETLINK = 18;
const AF_INET6 = 10;
const IFLA_BROADCAST = 2;
const IFLA_QDISC = 6;
const IFLA_TXQLEN = 13;
const IFLA_OPERSTATE = 16;
const IFLA_LINKMODE = 17;
const IFLA_AF_SPEC = 26;
const IFLA_GROUP = 27;
const IFLA_PROMISCUITY = 30;
const IFLA_NUM_TX_QUEUES = 31;
const IFLA_NUM_RX_QUEUES = 32;
const IFLA_GSO_MAX_SEGS = 40;
const IFLA_GSO_MAX_SIZE = 41;
const IFLA_MIN_MTU = 50;
const IFLA_MAX_MTU = 51;
const IFLA_GRO_MAX_SIZE = 58;
const IFLA_TSO_MAX_SIZE = 59;
const IFLA_TSO_MAX_SEGS = 60;
const IFLA_ALLMULTI = 61;
const IFLA_INET6_ADDR_GEN_MODE = 8;
