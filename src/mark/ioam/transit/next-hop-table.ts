/**
 * Where each IPv6 destination goes, worked out of the kernel's routes and neighbours for programs that look it up themselves.
 * What cannot be said in one next hop is left to the kernel: several next hops, conditions, encapsulations, neighbours that
 * are not resolved.
 */
import { viewOf } from "../../../linux/netlink/attributes.ts";
import { parsePrefix } from "../../../linux/ip-address.ts";
import type { Neighbour } from "../../../linux/rtnetlink/neighbours.ts";
import { isPlain, type Route } from "../../../linux/rtnetlink/routes.ts";
import type { Egress } from "./egress.ts";

/** What the kernel knows of forwarding in one namespace. */
export interface ForwardingState {
  /** All tables. */
  readonly routes: readonly Route[];
  /** Whether these are looked up for every packet in the tables local and main, in this order. */
  readonly defaultRules: boolean;
  readonly neighbours: readonly Neighbour[];
  readonly egress: ReadonlyMap<number, Egress>;
}

/** One entry; `hop` null stands for destinations within a wider entry that the kernel must be asked for. */
export interface TableEntry {
  readonly address: Uint8Array;
  readonly prefixLength: number;
  readonly hop: ResolvedHop | null;
}

/** A next hop with its MAC address. */
export interface ResolvedHop {
  readonly out: Egress;
  readonly mtu: number;
  readonly destinationMac: string;
  readonly neighbour: Neighbour;
}

const LOCAL_TABLE = 255;
const MAIN_TABLE = 254;
const ADDRESS_BITS = 128;

/** The smallest table: entries that change nothing are left out. */
export const nextHopTable = (state: ForwardingState): TableEntry[] => {
  if (!state.defaultRules) return [];
  const macs = new Map(
    state.neighbours.map((neighbour) => [neighbourKey(neighbour.index, neighbour.address), neighbour]),
  );
  const entries: TableEntry[] = [];
  const around: Frame[] = [];
  for (const item of sorted(state)) {
    while (around.length > 0 && !contains(around.at(-1) as Frame, item)) around.pop();
    const parent = around.at(-1);
    const local = parent?.local === true;
    const hop = local ? null : hopOf(item, parent, state, macs);
    // A neighbour says nothing of destinations that are routed otherwise.
    if (item.kind === "neighbour" && hop === null) continue;
    if (hop !== null || parent?.hop === true) entries.push({ address: item.address, prefixLength: item.length, hop });
    around.push({
      ...item,
      hop: hop !== null,
      local: local || item.kind === "local",
      onLink: item.kind === "route" && item.route !== null && item.route.gateway === undefined ? item.route : null,
    });
  }
  return entries;
};

interface Place {
  readonly value: bigint;
  readonly length: number;
  readonly address: Uint8Array;
}

type Item = Place &
  (
    | { readonly kind: "local" }
    /** Null: one that only the kernel understands. */
    | { readonly kind: "route"; readonly route: Route | null }
    | { readonly kind: "neighbour"; readonly neighbour: Neighbour }
  );

/** An item that contains those that follow. */
interface Frame {
  readonly value: bigint;
  readonly length: number;
  /** Whether the entries so far send its destinations somewhere. */
  readonly hop: boolean;
  readonly local: boolean;
  /** The route by which its destinations are neighbours. */
  readonly onLink: Route | null;
}

const contains = (outer: Frame, inner: { readonly value: bigint; readonly length: number }): boolean => {
  const shift = BigInt(ADDRESS_BITS - outer.length);
  return outer.length <= inner.length && outer.value >> shift === inner.value >> shift;
};

const hopOf = (
  item: Item,
  parent: Frame | undefined,
  { egress }: ForwardingState,
  macs: ReadonlyMap<string, Neighbour>,
): ResolvedHop | null => {
  if (item.kind === "local") return null;
  const route = item.kind === "route" ? item.route : (parent?.onLink ?? null);
  if (route?.device === undefined) return null;
  const out = egress.get(route.device);
  const neighbour = resolve(item, route, macs);
  if (out === undefined || out.takes === 0 || out.mac === "" || neighbour?.mac === undefined) return null;
  return { out, mtu: Math.min(route.mtu ?? out.mtu, out.mtu), destinationMac: neighbour.mac, neighbour };
};

/** Who gets the packets of a route. */
const resolve = (
  item: Item,
  { device, gateway }: Route,
  macs: ReadonlyMap<string, Neighbour>,
): Neighbour | undefined => {
  if (item.kind === "neighbour") return item.neighbour.index === device ? item.neighbour : undefined;
  return gateway === undefined || device === undefined ? undefined : macs.get(neighbourKey(device, gateway));
};

const neighbourKey = (index: number, address: string): string => `${index} ${address}`;

/** Each destination once, wider ones before those in them, neighbours behind the routes to the same address. */
const sorted = ({ routes, neighbours }: ForwardingState): Item[] => {
  const items: Item[] = [];
  const main = new Map<string, Route[]>();
  const local = new Set<string>();
  for (const route of routes) {
    if (route.table === LOCAL_TABLE) local.add(route.destination);
    if (route.table !== MAIN_TABLE) continue;
    const same = main.get(route.destination);
    if (same === undefined) main.set(route.destination, [route]);
    else same.push(route);
  }
  for (const destination of local) items.push({ ...placeOf(destination), kind: "local" });
  for (const [destination, same] of main) {
    if (same[0] === undefined || local.has(destination)) continue;
    items.push({ ...placeOfRoute(same[0]), kind: "route", route: onlyBest(same) });
  }
  for (const neighbour of neighbours) {
    if (neighbour.mac === undefined || !neighbour.address.includes(":")) continue;
    items.push({ ...placeOf(`${neighbour.address}/${ADDRESS_BITS}`), kind: "neighbour", neighbour });
  }
  // Sorting keeps the order of equals: routes before neighbours.
  return items.toSorted((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : a.length - b.length));
};

/** What a route's words come to is worked out once: mostly one of thousands has changed. */
const places = new WeakMap<Route, Place>();
const plain = new WeakMap<Route, boolean>();

const placeOfRoute = (route: Route): Place => {
  let place = places.get(route);
  if (place === undefined) places.set(route, (place = placeOf(route.destination)));
  return place;
};

const isPlainRoute = (route: Route): boolean => {
  let known = plain.get(route);
  if (known === undefined) plain.set(route, (known = isPlain(route)));
  return known;
};

const placeOf = (destination: string): Place => {
  const { bytes, length } = parsePrefix(destination);
  const view = viewOf(bytes);
  return { value: (view.getBigUint64(0) << 64n) | view.getBigUint64(8), length, address: bytes };
};

/** The route of the lowest metric; null when there are several of it, or it is not plain. */
const onlyBest = (same: readonly Route[]): Route | null => {
  if (same.length === 1) return same[0] !== undefined && isPlainRoute(same[0]) ? same[0] : null;
  const metric = Math.min(...same.map(({ priority = 0 }) => priority));
  const [best, another] = same.filter(({ priority = 0 }) => priority === metric);
  return best !== undefined && another === undefined && isPlainRoute(best) ? best : null;
};
