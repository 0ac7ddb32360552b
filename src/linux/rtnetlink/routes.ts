/** Routes over rtnetlink. Source: rtnetlink(7), include/uapi/linux/rtnetlink.h. */
import { AF_INET, AF_INET6, formatIp, parseIp, parsePrefix } from "../ip-address.ts";
import { Attributes, attributeList, viewOf } from "../netlink/attributes.ts";
import { MessageBuilder } from "../netlink/message.ts";
import { Create } from "../netlink/socket.ts";
import type { NetlinkSocket } from "../netlink/socket.ts";

/** One of several ways that a route leads. */
export interface NextHop {
  /** Interface index. */
  readonly device: number;
  readonly gateway?: string;
  /** Its share, 1 to 256. */
  readonly weight: number;
  /** The kernel sends nothing this way now: its interface is down. */
  readonly dead?: true;
}

/** What a route to make needs: a destination, and an interface, a gateway or several next hops. */
export interface RouteSpec {
  /** `db02::/64`, `default` (IPv6) or `0.0.0.0/0`. Bits after the length must be zero, as in the kernel. */
  readonly destination: string;
  /** Interface index. */
  readonly device?: number;
  readonly gateway?: string;
  /** In place of `device` and `gateway`: flows are shared out among them (ECMP). */
  readonly nextHops?: readonly NextHop[];
  /** Lower is preferred (iproute2's `metric`). Default: the kernel's, 1024 for IPv6 and 0 for IPv4. */
  readonly priority?: number;
  readonly table?: number;
  /** Source address to prefer. */
  readonly source?: string;
  /** Route metrics; the kernel does not send longer packets than `mtu` on this route. */
  readonly mtu?: number;
  /** The MTU holds for forwarded packets too, and nothing that the path says lowers it (`mtu lock`). */
  readonly mtuLock?: boolean;
  readonly advertisedMss?: number;
  readonly hopLimit?: number;
}

/** A route as the kernel has it. */
export interface Route extends RouteSpec {
  readonly family: typeof AF_INET | typeof AF_INET6;
  readonly table: number;
  readonly kind: "unicast" | "local" | "other";
  /** Who made it: 2 kernel, 3 boot, 4 static, 9 router advertisement. */
  readonly protocol: number;
  /** The kernel's message (`struct rtmsg` and attributes), from which `setRouteMtu` makes the same route again. */
  readonly message: Uint8Array;
}

/** Routes of the main table (254), or of `table`; IPv4 and IPv6. */
export function routes(route: NetlinkSocket, table: number = MAIN_TABLE): Route[] {
  const call = { type: RTM_GETROUTE, name: "RTM_GETROUTE" };
  return [AF_INET, AF_INET6]
    .flatMap((family) => route.dump(call, new MessageBuilder().bytes(routeHeader({ family }))))
    .map(parseRoute)
    .filter((entry) => entry.table === table);
}

/** IPv4 routes of all tables. */
export const ipv4Routes = (route: NetlinkSocket): Route[] => allRoutes(route, AF_INET);

/** IPv6 routes of all tables. */
export const ipv6Routes = (route: NetlinkSocket): Route[] => allRoutes(route, AF_INET6);

const allRoutes = (route: NetlinkSocket, family: number): Route[] => {
  const call = { type: RTM_GETROUTE, name: "RTM_GETROUTE" };
  return route.dump(call, new MessageBuilder().bytes(routeHeader({ family }))).map(parseRoute);
};

/**
 * Whether a route is no more than it reads as: a unicast destination by one interface, without conditions on the source, an
 * encapsulation, several next hops, or an end.
 */
export function isPlain({ kind, message }: Route): boolean {
  const header = viewOf(message);
  const sourceLength = header.getUint8(2);
  if (kind !== "unicast" || sourceLength !== 0 || (header.getUint32(8, true) & NOT_AS_IT_READS) !== 0) return false;
  for (const { type, payload } of attributeList(message.subarray(ROUTE_HEADER_BYTES))) {
    if (!plainAttributes.has(type)) return false;
    // struct rta_cacheinfo: clntref u32, lastuse u32, expires i32
    if (type === RTA_CACHEINFO && payload.length >= 12 && viewOf(payload).getInt32(8, true) !== 0) return false;
  }
  return true;
}

/** `NetlinkError` EEXIST when there is one with that destination, table and priority. */
export function addRoute(route: NetlinkSocket, spec: RouteSpec): void {
  change(route, spec, Create.create | Create.exclusive);
}

/** Make the route, in place of the one with the same destination, table and priority if there is one. */
export function replaceRoute(route: NetlinkSocket, spec: RouteSpec): void {
  change(route, spec, Create.create | Create.replace);
}

/** Delete a route; what `spec` leaves out matches anything. `NetlinkError` ESRCH, or ENOENT, when there is none. */
export function deleteRoute(route: NetlinkSocket, spec: RouteSpec): void {
  const message = routeMessage(spec, { type: RTN_UNSPEC, protocol: 0, scope: RT_SCOPE_NOWHERE });
  route.request({ type: RTM_DELROUTE, name: "RTM_DELROUTE", object: spec.destination }, message);
}

/**
 * The route that a packet of this host's own to an address takes; its `source` is the address it would come from. By any
 * interface when none is given. `NetlinkError` ENETUNREACH, EHOSTUNREACH, EACCES or EINVAL when none leads there.
 */
export function routeTo(route: NetlinkSocket, destination: string, device?: number): Route {
  const { family, bytes } = parseIp(destination);
  const message = new MessageBuilder().bytes(routeHeader({ family, length: bytes.length * 8 }));
  message.attrBytes(RTA_DST, bytes);
  if (device !== undefined) message.attrU32(RTA_OIF, device);
  const call = { type: RTM_GETROUTE, name: "RTM_GETROUTE", object: destination };
  const [body] = route.request(call, message);
  if (body === undefined) throw new Error(`RTM_GETROUTE of ${destination}: no answer`);
  return parseRoute(body);
}

/** Set (or with undefined take away) the MTU of an existing route, and its lock, and leave everything else in it as it is. */
export function setRouteMtu(route: NetlinkSocket, existing: Route, mtu: number | undefined, lock = false): void {
  const header = existing.message.slice(0, ROUTE_HEADER_BYTES);
  // The kernel tells of a link without carrier by flags that it does not take.
  viewOf(header).setUint32(8, viewOf(header).getUint32(8, true) & ~(RTNH_F_DEAD | RTNH_F_LINKDOWN), true);
  const message = new MessageBuilder().bytes(header);
  const metrics: { type: number; payload: Uint8Array }[] = [];
  for (const attribute of attributeList(existing.message.subarray(ROUTE_HEADER_BYTES))) {
    if (attribute.type === RTA_METRICS) metrics.push(...attributeList(attribute.payload));
    else if (attribute.type !== RTA_CACHEINFO) message.attrBytes(attribute.type, attribute.payload);
  }
  message.nest(RTA_METRICS, () => {
    for (const metric of metrics) {
      if (metric.type !== RTAX_MTU && metric.type !== RTAX_LOCK) message.attrBytes(metric.type, metric.payload);
    }
    const locks = metrics.find(({ type }) => type === RTAX_LOCK);
    const others = locks === undefined ? 0 : viewOf(locks.payload).getUint32(0, true) & ~MTU_LOCK;
    if (mtu !== undefined) message.attrU32(RTAX_MTU, mtu);
    if (others !== 0 || lock) message.attrU32(RTAX_LOCK, (others | (lock ? MTU_LOCK : 0)) >>> 0);
  });
  const flags = Create.create | Create.replace;
  route.request({ type: RTM_NEWROUTE, name: "RTM_NEWROUTE", flags, object: existing.destination }, message);
}

function change(route: NetlinkSocket, spec: RouteSpec, flags: number): void {
  const onLink = spec.gateway === undefined && spec.device !== undefined && spec.nextHops === undefined;
  const scope = onLink ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  const message = routeMessage(spec, { type: RTN_UNICAST, protocol: RTPROT_STATIC, scope });
  route.request({ type: RTM_NEWROUTE, name: "RTM_NEWROUTE", flags, object: spec.destination }, message);
}

function routeMessage(spec: RouteSpec, header: { type: number; protocol: number; scope: number }): MessageBuilder {
  const { family, bytes, length } = parsePrefix(spec.destination === "default" ? "::/0" : spec.destination);
  const message = new MessageBuilder().bytes(routeHeader({ family, length, ...header }));
  message.attrU32(RTA_TABLE, spec.table ?? MAIN_TABLE);
  if (length > 0) message.attrBytes(RTA_DST, bytes);
  if (spec.device !== undefined) message.attrU32(RTA_OIF, spec.device);
  if (spec.gateway !== undefined) message.attrBytes(RTA_GATEWAY, parseIp(spec.gateway).bytes);
  if (spec.nextHops !== undefined) message.attrBytes(RTA_MULTIPATH, nextHopBytes(spec.nextHops));
  if (spec.priority !== undefined) message.attrU32(RTA_PRIORITY, spec.priority);
  if (spec.source !== undefined) message.attrBytes(RTA_PREFSRC, parseIp(spec.source).bytes);
  const metrics = [
    [RTAX_LOCK, spec.mtuLock === true ? MTU_LOCK : undefined],
    [RTAX_MTU, spec.mtu],
    [RTAX_ADVMSS, spec.advertisedMss],
    [RTAX_HOPLIMIT, spec.hopLimit],
  ] as const;
  if (metrics.every(([, value]) => value === undefined)) return message;
  return message.nest(RTA_METRICS, () => {
    for (const [type, value] of metrics) if (value !== undefined) message.attrU32(type, value);
  });
}

/** `struct rtnexthop` each: length u16, flags u8, weight less 1 u8, interface i32, then attributes. */
function nextHopBytes(nextHops: readonly NextHop[]): Uint8Array {
  const parts = nextHops.map(({ device, gateway, weight }) => {
    const address = gateway === undefined ? new Uint8Array(0) : parseIp(gateway).bytes;
    const attribute = address.length === 0 ? 0 : 4 + address.length;
    const bytes = new Uint8Array(NEXT_HOP_BYTES + attribute);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, bytes.length, true);
    view.setUint8(3, weight - 1);
    view.setInt32(4, device, true);
    if (attribute > 0) {
      view.setUint16(NEXT_HOP_BYTES, attribute, true);
      view.setUint16(NEXT_HOP_BYTES + 2, RTA_GATEWAY, true);
      bytes.set(address, NEXT_HOP_BYTES + 4);
    }
    return bytes;
  });
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function parseNextHops(bytes: Uint8Array | undefined): NextHop[] | undefined {
  if (bytes === undefined) return undefined;
  const nextHops: NextHop[] = [];
  const view = viewOf(bytes);
  for (let at = 0; at + NEXT_HOP_BYTES <= bytes.length;) {
    const length = view.getUint16(at, true);
    if (length < NEXT_HOP_BYTES || at + length > bytes.length) break;
    const gateway = new Attributes(bytes.subarray(at + NEXT_HOP_BYTES, at + length)).bytes(RTA_GATEWAY);
    nextHops.push({
      device: view.getInt32(at + 4, true),
      weight: view.getUint8(at + 3) + 1,
      ...((view.getUint8(at + 2) & RTNH_F_DEAD) !== 0 && { dead: true as const }),
      ...present("gateway", gateway === undefined ? undefined : formatIp(gateway)),
    });
    at += (length + 3) & ~3;
  }
  return nextHops;
}

/**
 * `struct rtmsg`: family, destination length, source length, TOS, table, protocol, scope, type (all u8), flags u32.
 * The table is an attribute, because the byte is too small for it.
 */
export function routeHeader(of: {
  family: number;
  length?: number;
  type?: number;
  protocol?: number;
  scope?: number;
  flags?: number;
}): Uint8Array {
  const { family, length = 0, type = 0, protocol = 0, scope = 0, flags = 0 } = of;
  return Uint8Array.of(family, length, 0, 0, 0, protocol, scope, type, ...new Uint8Array(Uint32Array.of(flags).buffer));
}

/** The kernel's message: `struct rtmsg` and attributes. */
export function parseRoute(body: Uint8Array): Route {
  const header = viewOf(body);
  const family = header.getUint8(0) === AF_INET ? AF_INET : AF_INET6;
  const attributes = new Attributes(body.subarray(ROUTE_HEADER_BYTES));
  const metrics = attributes.nested(RTA_METRICS);
  const address = (type: number) => {
    const bytes = attributes.bytes(type);
    return bytes === undefined ? undefined : formatIp(bytes);
  };
  const type = header.getUint8(7);
  const nowhere = family === AF_INET ? "0.0.0.0" : "::";
  return {
    family,
    destination: `${address(RTA_DST) ?? nowhere}/${header.getUint8(1)}`,
    table: attributes.number(RTA_TABLE) ?? header.getUint8(4),
    kind: type === RTN_UNICAST ? "unicast" : type === RTN_LOCAL ? "local" : "other",
    protocol: header.getUint8(5),
    message: body,
    ...present("device", attributes.number(RTA_OIF)),
    ...present("gateway", address(RTA_GATEWAY)),
    ...present("nextHops", parseNextHops(attributes.bytes(RTA_MULTIPATH))),
    ...present("priority", attributes.number(RTA_PRIORITY)),
    ...present("source", address(RTA_PREFSRC)),
    ...present("mtu", metrics.number(RTAX_MTU)),
    ...present("mtuLock", ((metrics.number(RTAX_LOCK) ?? 0) & MTU_LOCK) === 0 ? undefined : true),
    ...present("advertisedMss", metrics.number(RTAX_ADVMSS)),
    ...present("hopLimit", metrics.number(RTAX_HOPLIMIT)),
  };
}

/** A property only when it has a value, so that a parsed route equals the specification it was made from. */
function present<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  const result: { [P in K]?: V } = {};
  if (value !== undefined) result[key] = value;
  return result;
}

const MAIN_TABLE = 254;
const ROUTE_HEADER_BYTES = 12;
const NEXT_HOP_BYTES = 8;
const RTNH_F_DEAD = 1;
const RTNH_F_LINKDOWN = 0x10;
const RTM_NEWROUTE = 24;
const RTM_DELROUTE = 25;
const RTM_GETROUTE = 26;
const RTN_UNSPEC = 0;
const RTN_UNICAST = 1;
const RTN_LOCAL = 2;
const RTPROT_STATIC = 4;
const RT_SCOPE_UNIVERSE = 0;
const RT_SCOPE_LINK = 253;
const RT_SCOPE_NOWHERE = 255;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_PREFSRC = 7;
const RTA_METRICS = 8;
const RTA_MULTIPATH = 9;
const RTA_CACHEINFO = 12;
const RTA_TABLE = 15;
const RTA_PREF = 20;
const plainAttributes = new Set([
  RTA_DST,
  RTA_OIF,
  RTA_GATEWAY,
  RTA_PRIORITY,
  RTA_PREFSRC,
  RTA_METRICS,
  RTA_CACHEINFO,
  RTA_TABLE,
  RTA_PREF,
]);
/** RTNH_F_DEAD, RTNH_F_LINKDOWN, RTNH_F_UNRESOLVED, RTNH_F_TRAP; RTM_F_CLONED. */
const NOT_AS_IT_READS = 0x1 | 0x10 | 0x20 | 0x40 | 0x200;
const RTAX_LOCK = 1;
const RTAX_MTU = 2;
/** RTAX_LOCK's bits are numbered as the metrics are. */
const MTU_LOCK = 1 << RTAX_MTU;
const RTAX_ADVMSS = 8;
const RTAX_HOPLIMIT = 10;
