/**
 * Keeps room for what encapsulation inserts: the route's MTU is lowered by it, so that TCP and path MTU discovery make
 * packets that still fit, and given back when the rule goes.
 */
import { ConfigError } from "../../errors.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { addRoute, deleteRoute, routes, setRouteMtu, type Route } from "../../linux/rtnetlink/routes.ts";
import type { Netns } from "../../linux/netns.ts";
import { ipv6MinimumMtu } from "../../wire/ioam/plan.ts";
import { parsePrefix, prefixesOverlap } from "../../wire/prefix.ts";

/** What was done to a route, to be undone. */
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
}

/** Lowers the MTU of the route to `prefix` by `bytes`. Null when no route leads there by this device yet. */
export const lowerRouteMtu = (
  netns: Netns,
  prefix: string,
  device: { readonly index: number; readonly name: string; readonly mtu: number },
  bytes: number,
): RouteChange | null => {
  const socket = openRtnetlink(netns);
  try {
    const route = bestRoute(routes(socket), prefix, device.index);
    if (route === undefined) return null;
    const mtu = Math.min(route.mtu ?? device.mtu, device.mtu) - bytes;
    if (mtu < ipv6MinimumMtu) {
      throw new ConfigError(
        `a trace of ${bytes} bytes leaves an MTU of ${mtu} on ${device.name}, less than IPv6's minimum of ${ipv6MinimumMtu}`,
        {
          hint: `raise the MTU of ${device.name} to ${ipv6MinimumMtu + bytes} or more, or ask for a smaller size`,
        },
      );
    }
    const change = {
      destination: prefix,
      device: device.index,
      gateway: route.gateway ?? null,
      priority: route.priority ?? null,
      mtuBefore: route.mtu ?? null,
      mtu,
    };
    if (route.destination === prefix) {
      setRouteMtu(socket, route, mtu);
      return { ...change, added: false };
    }
    addRoute(socket, {
      destination: prefix,
      device: device.index,
      mtu,
      ...(route.gateway === undefined ? {} : { gateway: route.gateway }),
    });
    return { ...change, priority: null, added: true };
  } finally {
    socket.close();
  }
};

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

/** Gives back what {@link lowerRouteMtu} changed. A route that is gone, or that someone changed since, is left alone. */
export const restoreRouteMtu = (netns: Netns, change: RouteChange): void => {
  const socket = openRtnetlink(netns);
  try {
    const route = routes(socket).find(
      (candidate) =>
        candidate.destination === change.destination &&
        candidate.device === change.device &&
        candidate.mtu === change.mtu &&
        (candidate.gateway ?? null) === change.gateway,
    );
    if (route === undefined) return;
    if (change.added) deleteRoute(socket, { destination: change.destination, device: change.device });
    else setRouteMtu(socket, route, change.mtuBefore ?? undefined);
  } finally {
    socket.close();
  }
};
