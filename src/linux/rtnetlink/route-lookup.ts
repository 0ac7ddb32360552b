/** Which way the kernel would send a packet. Source: rtnetlink(7), include/uapi/linux/rtnetlink.h, lwtunnel.h. */
import { SyscallError } from "../../errors.ts";
import { parseIp } from "../ip-address.ts";
import { Attributes } from "../netlink/attributes.ts";
import { MessageBuilder } from "../netlink/message.ts";
import type { NetlinkSocket } from "../netlink/socket.ts";
import { parseRoute, routeHeader, type NextHop, type Route } from "./routes.ts";

export interface LookedUpRoute extends Route {
  /** The route itself inserts IOAM traces: the kernel's `encap ioam6`. */
  readonly ioamEncap: boolean;
}

/**
 * The route to an address: of a packet made here, or, with `from`, of one that came in by that interface. Undefined when there is none.
 * With several next hops the kernel chooses one: see {@link nextHopsTo}.
 */
export const lookupRoute = (
  route: NetlinkSocket,
  address: string,
  from?: number,
  flags = 0,
): LookedUpRoute | undefined => {
  const { family, bytes } = parseIp(address);
  const message = new MessageBuilder()
    .bytes(routeHeader({ family, length: bytes.length * 8, flags }))
    .attrBytes(RTA_DST, bytes);
  if (from !== undefined) message.attrU32(RTA_IIF, from);
  let answer: Uint8Array | undefined;
  try {
    [answer] = route.request({ type: RTM_GETROUTE, name: "RTM_GETROUTE", object: address }, message);
  } catch (error) {
    if (error instanceof SyscallError && unreachable.has(error.errno)) return undefined;
    throw error;
  }
  if (answer === undefined) return undefined;
  const found = parseRoute(answer);
  if (found.kind === "other") return undefined;
  const encap = new Attributes(answer.subarray(ROUTE_HEADER_BYTES)).number(RTA_ENCAP_TYPE);
  return { ...found, ioamEncap: encap === LWTUNNEL_ENCAP_IOAM6 };
};

/** All ways that the route to an address shares its packets out among, less those that are dead; one where it leads one way only. */
export const nextHopsTo = (route: NetlinkSocket, address: string, from?: number): readonly NextHop[] => {
  const { device, gateway, nextHops } = lookupRoute(route, address, from, RTM_F_FIB_MATCH) ?? {};
  if (nextHops !== undefined) return nextHops.filter(({ dead }) => dead !== true);
  return device === undefined ? [] : [{ device, weight: 1, ...(gateway !== undefined && { gateway }) }];
};

const unreachable: ReadonlySet<string> = new Set(["ENETUNREACH", "EHOSTUNREACH", "EACCES", "EINVAL"]);

const ROUTE_HEADER_BYTES = 12;
const RTM_GETROUTE = 26;
/** Answers with the route itself, and not with what it is for one packet. */
const RTM_F_FIB_MATCH = 0x2000;
const RTA_DST = 1;
const RTA_IIF = 3;
const RTA_ENCAP_TYPE = 21;
const LWTUNNEL_ENCAP_IOAM6 = 9;
