/** Answers to `fibLookup` in V8. */
import { encodeLayout } from "../../wire/codec.ts";
import { parseAddress, writeAddress } from "../../wire/address.ts";
import type { Ipv4Address, Ipv6Address, TypeOf } from "../../wire/layout.ts";
import { parsePrefix, prefixContains } from "../../wire/prefix.ts";
import type { EnvironmentRoute } from "../environment.ts";
import { fibFamilies, fibQueries, fibRoutes } from "../fib-layouts.ts";
import { Fib, type FibQuery } from "../fib.ts";
import { Memory } from "./memory.ts";
import { view } from "./view.ts";

/** What a lookup answers: `Fib.Success` unless it says another code; what is left out stays as in the query. */
export interface RouteAnswer {
  /** One of `Fib`, or a negative errno; `Fib.Success` unless said. */
  readonly code?: number;
  /** Number of the interface to leave by. */
  readonly ifindex?: number;
  /** The route's priority. */
  readonly metric?: number;
  /** Bytes after the link-layer header. */
  readonly mtu?: number;
  /** Of the interface to leave by. */
  readonly sourceMac?: string;
  /** Of the next hop. */
  readonly destinationMac?: string;
  /** Of an IPv4 route this may be an IPv6 address. */
  readonly nextHop?: string;
}

/** A route of a table; the longest prefix that has the destination answers. */
export interface SimulatedRoute extends RouteAnswer {
  /** `10.0.0.0/8`. */
  readonly prefix: string;
}

export type AnyFibQuery = FibQuery<Ipv4Address | Ipv6Address> & { readonly ifindex: number };

/** A table, or a function that is asked each time; null and no match are `Fib.NotFwded`. */
export type SimulatedRoutes = readonly SimulatedRoute[] | ((query: AnyFibQuery, flags: number) => RouteAnswer | null);

/** The routes of a test build whose environment map holds this: one answer for all lookups. */
export const environmentRoutes =
  ({ nextHop4, nextHop6, ...answer }: TypeOf<typeof EnvironmentRoute>): SimulatedRoutes =>
  ({ source }) => ({ ...answer, nextHop: source.includes(":") ? nextHop6 : nextHop4 });

/** The view that `fibLookup` gives. */
export const simulatedRoute = (routes: SimulatedRoutes, query: AnyFibQuery, flags: number): object => {
  const family = parseAddress("ipv4", query.source, new Uint8Array(16), 0) ? "ipv4" : "ipv6";
  const answer = (isTable(routes) ? longest(routes, query.destination) : routes(query, flags)) ?? {
    code: Fib.NotFwded,
  };
  const bytes = new Uint8Array(fibRoutes[family].size);
  const known = { protocol: 0, sourcePort: 0, destinationPort: 0, length: 0, table: 0, tos: 0, flowInfo: 0 };
  bytes.set(encodeLayout<unknown>(fibQueries[family], { ...known, ...query, family: fibFamilies[family] }));
  const { nextHop, ...fields } = answer;
  const result = view(fibRoutes[family], new Memory(bytes), 0);
  Object.assign(result, { code: Fib.Success, ...fields });
  if (nextHop !== undefined) writeNextHop(result, bytes, nextHop);
  return result;
};

const writeNextHop = (result: object, bytes: Uint8Array, nextHop: string): void => {
  const family = nextHop.includes(":") ? "ipv6" : "ipv4";
  bytes.fill(0, NEXT_HOP, NEXT_HOP + 16);
  writeAddress(family, nextHop, bytes, NEXT_HOP);
  Object.assign(result, { family: fibFamilies[family] });
};

/** `ipv4_dst` and `ipv6_dst`. */
const NEXT_HOP = 32;

const isTable = (routes: SimulatedRoutes): routes is readonly SimulatedRoute[] => typeof routes !== "function";

const longest = (routes: readonly SimulatedRoute[], destination: string): RouteAnswer | null => {
  let found: { length: number; answer: RouteAnswer } | null = null;
  for (const { prefix: text, ...answer } of routes) {
    const prefix = parsePrefix(text);
    if (prefixContains(prefix, destination) && prefix.length >= (found?.length ?? 0))
      found = { length: prefix.length, answer };
  }
  return found?.answer ?? null;
};
