/**
 * Room for marks in place: IPv4 routes by the interface get an MTU that leaves it, so that packets still fit once they are marked. The
 * interface keeps its own, by which it also measures what it receives and what other protocols send.
 */
import { NetlinkError, type NetlinkSocket } from "../../linux/netlink/socket.ts";
import type { Link } from "../../linux/rtnetlink/links.ts";
import { ipv4Routes, setRouteMtu, type Route } from "../../linux/rtnetlink/routes.ts";
import { MARK_BYTES } from "./mark-counters.ts";

/** A route that gets room, and how it was. */
export interface RouteRoom {
  readonly destination: string;
  readonly table: number;
  readonly gateway: string | null;
  readonly priority: number | null;
  readonly mtu: number;
  /** Null for none. */
  readonly mtuBefore: number | null;
}

type Interface = Pick<Link, "index" | "mtu">;

/** Those of the interface that leave no room as they are. */
const routesWithoutRoom = (route: NetlinkSocket, { index, mtu }: Interface): Route[] =>
  ipv4Routes(route).filter(
    (own) =>
      own.kind === "unicast" &&
      (own.device === index || own.nextHops?.some(({ device }) => device === index) === true) &&
      (own.mtu ?? mtu) > mtu - MARK_BYTES,
  );

/** Destinations of the routes that leave none. */
export const destinationsWithoutRoom = (route: NetlinkSocket, own: Interface): string[] =>
  routesWithoutRoom(route, own).map(({ destination }) => destination);

/** What is to be changed, with what was planned before and may have been done. */
export const planRoom = (route: NetlinkSocket, own: Interface, planned: readonly RouteRoom[]): RouteRoom[] => {
  const wanted = routesWithoutRoom(route, own).map((found): RouteRoom => ({
    destination: found.destination,
    table: found.table,
    gateway: found.gateway ?? null,
    priority: found.priority ?? null,
    mtu: own.mtu - MARK_BYTES,
    mtuBefore: found.mtu ?? null,
  }));
  return [...planned.filter((done) => !wanted.some((other) => isSamePlace(done, other))), ...wanted];
};

/** A route that the kernel does not let be changed (one with a nexthop object) stays: it is told of as one without room. */
export const makeRoom = (route: NetlinkSocket, rooms: readonly RouteRoom[]): void =>
  change(route, rooms, ({ mtu, mtuBefore }) => ({ from: mtuBefore, to: mtu }));

/** A route that is gone, or that somebody changed since, is left alone. */
export const giveRoomBack = (route: NetlinkSocket, rooms: readonly RouteRoom[]): void =>
  change(route, rooms, ({ mtu, mtuBefore }) => ({ from: mtu, to: mtuBefore }));

interface MtuChange {
  readonly from: number | null;
  readonly to: number | null;
}

const change = (route: NetlinkSocket, rooms: readonly RouteRoom[], changeOf: (room: RouteRoom) => MtuChange): void => {
  if (rooms.length === 0) return;
  const all = ipv4Routes(route);
  for (const room of rooms) {
    const { from, to } = changeOf(room);
    const found = all.find((own) => own.kind === "unicast" && isSamePlace(room, own) && (own.mtu ?? null) === from);
    if (found === undefined) continue;
    try {
      setRouteMtu(route, found, to ?? undefined, found.mtuLock);
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
    }
  }
};

const isSamePlace = (
  room: RouteRoom,
  {
    destination,
    table,
    gateway,
    priority,
  }: Pick<RouteRoom, "destination" | "table"> & {
    readonly gateway?: string | null | undefined;
    readonly priority?: number | null | undefined;
  },
): boolean =>
  room.destination === destination &&
  room.table === table &&
  room.gateway === (gateway ?? null) &&
  room.priority === (priority ?? null);
