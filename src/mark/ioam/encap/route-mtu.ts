/**
 * Keeps room for what encapsulation inserts: the route's MTU is lowered by it, so that TCP and path MTU discovery make
 * packets that still fit, and given back when the rule goes.
 */
import { ConfigError } from "../../../errors.ts";
import type { NetlinkSocket } from "../../../linux/netlink/socket.ts";
import { openRtnetlink } from "../../../linux/rtnetlink/socket.ts";
import { addRoute, deleteRoute, routes, setRouteMtu, type Route } from "../../../linux/rtnetlink/routes.ts";
import type { Netns } from "../../../linux/netns.ts";
import { parsePrefix, prefixesOverlap } from "../../../wire/prefix.ts";

/** What is done to a route, and can be undone. */
export interface RouteChange {
  readonly destination: string;
  readonly device: number;
  readonly gateway: string | null;
  readonly priority: number | null;
  /** A route of our own, made because only a wider one covered the prefix. */
  readonly added: boolean;
  /** The MTU the route had; null for none. */
  readonly mtuBefore: number | null;
  readonly mtu: number;
  /** The MTU is held against forwarded packets too. */
  readonly lock: boolean;
  readonly lockBefore: boolean;
}

/** Every IPv6 link carries packets of this size (RFC 8200, section 5); the kernel makes none smaller for a path. */
const IPV6_MINIMUM_MTU = 1280;

/** What a plan needs to know. */
export interface RouteRoom {
  readonly prefix: string;
  readonly device: { readonly index: number; readonly name: string; readonly mtu: number };
  /** By how much packets get longer. */
  readonly bytes: number;
  /** Whether it is as short as it can be: an option that asks for reports. */
  readonly asksForReports?: boolean;
  /** The longest packet on the way to a tunnel's end, where there is one. */
  readonly pathMtu?: number;
  /** Whether forwarded packets must fit: without it, the kernel asks routes about locally made ones only. */
  readonly lock?: boolean;
}

/**
 * What to do to the route to a prefix. Null when no route leads there by this device yet. `changes` are what was done to
 * routes before, so that they do not count twice. ConfigError when IPv6's minimum would not be left.
 */
export const planRouteMtu = (
  all: readonly Route[],
  { prefix, device, bytes, asksForReports = false, pathMtu = device.mtu, lock = false }: RouteRoom,
  changes: readonly RouteChange[],
): RouteChange | null => {
  const route = bestRoute(all, prefix, device.index);
  if (route === undefined) return null;
  const ours = changes.find((change) => isRouteOf(change, route));
  const mtuBefore = ours === undefined ? (route.mtu ?? null) : ours.mtuBefore;
  const mtu = Math.min(mtuBefore ?? device.mtu, device.mtu, pathMtu) - bytes;
  if (mtu < IPV6_MINIMUM_MTU) {
    const inserted = asksForReports ? `Direct Export takes ${bytes} bytes and` : `a trace of ${bytes} bytes`;
    throw new ConfigError(
      `${inserted} leaves an MTU of ${mtu} on ${device.name}, less than IPv6's minimum of ${IPV6_MINIMUM_MTU}`,
      {
        hint: `raise the MTU of ${device.name} to ${IPV6_MINIMUM_MTU + bytes} or more${asksForReports ? "" : ", or ask for a smaller size"}`,
      },
    );
  }
  const added = route.destination !== prefix || ours?.added === true;
  const gateway = route.gateway ?? null;
  const priority = added ? null : (route.priority ?? null);
  const lockBefore = ours === undefined ? route.mtuLock === true : ours.lockBefore;
  const kept = { destination: prefix, device: device.index, gateway, priority, added };
  return { ...kept, mtuBefore, mtu, lock: lock || lockBefore, lockBefore };
};

/** Does what was planned. Where it is done already, or somebody changed the route since, nothing happens. */
export const applyRouteMtu = (socket: NetlinkSocket, all: readonly Route[], change: RouteChange): void => {
  const { destination, device, gateway, mtu, mtuBefore, lock } = change;
  const existing = all.filter((route) => route.destination === destination && route.device === device);
  if (change.added) {
    if (existing.length > 0) return;
    addRoute(socket, {
      destination,
      device,
      mtu,
      ...(gateway !== null && { gateway }),
      ...(lock && { mtuLock: true }),
    });
    return;
  }
  const route = existing.find(
    (one) =>
      (one.gateway ?? null) === gateway &&
      (one.priority ?? null) === change.priority &&
      (one.mtu ?? null) === mtuBefore,
  );
  if (route !== undefined) setRouteMtu(socket, route, mtu, lock);
};

/** Does another change in place of one that was done, in one step. A route that is gone, or that someone changed since, is left alone. */
export const moveRouteMtu = (
  socket: NetlinkSocket,
  all: readonly Route[],
  done: RouteChange,
  { mtu, lock }: RouteChange,
): void => {
  const route = all.find((candidate) => isRouteOf(done, candidate));
  if (route !== undefined) setRouteMtu(socket, route, mtu, lock);
};

/** Gives back what {@link applyRouteMtu} changed. A route that is gone, or that someone changed since, is left alone. */
export const undoRouteMtu = (socket: NetlinkSocket, all: readonly Route[], change: RouteChange): void => {
  const route = all.find((candidate) => isRouteOf(change, candidate));
  if (route === undefined) return;
  if (change.added) deleteRoute(socket, { destination: change.destination, device: change.device });
  else setRouteMtu(socket, route, change.mtuBefore ?? undefined, change.lockBefore);
};

/** Plans and does it, for one prefix. */
export const lowerRouteMtu = (
  netns: Netns,
  prefix: string,
  device: RouteRoom["device"],
  bytes: number,
): RouteChange | null =>
  withRoutes(netns, (socket, all) => {
    const change = planRouteMtu(all, { prefix, device, bytes }, []);
    if (change !== null) applyRouteMtu(socket, all, change);
    return change;
  });

/** Undoes it, for one prefix. */
export const restoreRouteMtu = (netns: Netns, change: RouteChange): void =>
  withRoutes(netns, (socket, all) => undoRouteMtu(socket, all, change));

/** Runs with the routes of a namespace, as they are now. */
export const withRoutes = <R>(netns: Netns, run: (socket: NetlinkSocket, all: readonly Route[]) => R): R => {
  const socket = openRtnetlink(netns);
  try {
    return run(socket, routes(socket));
  } finally {
    socket.close();
  }
};

/** Whether the route is as the change left it. */
const isRouteOf = (change: RouteChange, route: Route): boolean =>
  route.destination === change.destination &&
  route.device === change.device &&
  route.mtu === change.mtu &&
  (route.gateway ?? null) === change.gateway;

/** The route by this device that covers the prefix most closely. */
const bestRoute = (all: readonly Route[], prefix: string, device: number): Route | undefined => {
  const wanted = parsePrefix(prefix);
  const covering = all.filter((route) => {
    if (route.kind !== "unicast" || route.device !== device) return false;
    const destination = parsePrefix(route.destination === "default" ? "::/0" : route.destination);
    return destination.family === "ipv6" && destination.length <= wanted.length && prefixesOverlap(destination, wanted);
  });
  const lengthOf = (route: Route): number =>
    route.destination === "default" ? 0 : parsePrefix(route.destination).length;
  return covering.sort((a, b) => lengthOf(b) - lengthOf(a) || (a.priority ?? 0) - (b.priority ?? 0))[0];
};
