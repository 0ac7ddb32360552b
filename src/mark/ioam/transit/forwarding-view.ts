/**
 * What the kernel knows of forwarding in one namespace, kept up to date by its announcements. Where one of them does not say all
 * that it means, the lists are read again.
 */
import { viewOf } from "../../../linux/netlink/attributes.ts";
import type { NetlinkSocket } from "../../../linux/netlink/socket.ts";
import { AF_INET, AF_INET6 } from "../../../linux/ip-address.ts";
import { neighbours, parseNeighbour, type Neighbour } from "../../../linux/rtnetlink/neighbours.ts";
import { ipv6Routes, parseRoute, type Route } from "../../../linux/rtnetlink/routes.ts";
import { hasDefaultRules } from "../../../linux/rtnetlink/rules.ts";
import type { ForwardingState } from "./next-hop-table.ts";

/** What an announcement changes: nothing that next hops follow from, the table of them, or more than it says. */
export type Effect = "nothing" | "table" | "unknown";

/** Read it once, then let it have every announcement in its order. */
export class ForwardingView {
  /** By table, destination and metric; then by where they lead. */
  readonly #routes = new Map<string, Map<string, Route>>();
  readonly #neighbours = new Map<string, Neighbour>();
  #defaultRules = false;
  readonly #stale: Neighbour[] = [];

  /** Reads all lists. Announcements of what they tell already may follow. */
  read(socket: NetlinkSocket): void {
    this.#routes.clear();
    for (const route of ipv6Routes(socket)) this.#alike(route).set(wayKey(route), route);
    this.#neighbours.clear();
    for (const neighbour of neighbours(socket)) this.#neighbours.set(neighbourKey(neighbour), neighbour);
    this.#defaultRules = hasDefaultRules(socket);
  }

  get state(): Omit<ForwardingState, "egress"> {
    return {
      routes: [...this.#routes.values()].flatMap((alike) => [...alike.values()]),
      neighbours: [...this.#neighbours.values()],
      defaultRules: this.#defaultRules,
    };
  }

  /** `body`: the message without its header, which stays as it is from now on; `flags`: the header's. */
  apply(type: number, flags: number, body: Uint8Array): Effect {
    if (type === RTM_NEWROUTE || type === RTM_DELROUTE) return this.#applyRoute(type, flags, body);
    if (type === RTM_NEWNEIGH || type === RTM_DELNEIGH) return this.#applyNeighbour(type, body);
    return "unknown";
  }

  /** Neighbours of which it was announced, since this was asked last, that nobody has heard of them lately. */
  takeStale(): readonly Neighbour[] {
    return this.#stale.splice(0);
  }

  #applyRoute(type: number, flags: number, body: Uint8Array): Effect {
    if (body[0] !== AF_INET6) return "nothing";
    const route = parseRoute(body);
    const alike = this.#alike(route);
    if (!isOneWay(route) || [...alike.values()].some((other) => !isOneWay(other))) return "unknown";
    const key = wayKey(route);
    if (type === RTM_DELROUTE) return alike.delete(key) ? "table" : "unknown";
    if ((flags & NLM_F_REPLACE) !== 0) {
      // Of several, the kernel chooses which one it replaces.
      if (alike.size > 1) return "unknown";
      alike.clear();
    }
    alike.set(key, route);
    return "table";
  }

  #applyNeighbour(type: number, body: Uint8Array): Effect {
    const family = body[0];
    if ((family !== AF_INET && family !== AF_INET6) || ((body[NDM_FLAGS] ?? 0) & NTF_PROXY) !== 0) return "nothing";
    const neighbour = parseNeighbour(body);
    // No packets are forwarded to those.
    if (neighbour.address.startsWith("ff")) return "nothing";
    const key = neighbourKey(neighbour);
    const before = this.#neighbours.get(key);
    if (neighbour.stale) this.#stale.push(neighbour);
    if (type === RTM_DELNEIGH) this.#neighbours.delete(key);
    else this.#neighbours.set(key, neighbour);
    const mac = type === RTM_DELNEIGH ? undefined : neighbour.mac;
    // Whether one was heard of lately changes all the time; packets go where they went.
    return family === AF_INET || before?.mac === mac ? "nothing" : "table";
  }

  #alike(route: Route): Map<string, Route> {
    const key = `${route.table} ${route.destination} ${route.priority ?? ""}`;
    let alike = this.#routes.get(key);
    if (alike === undefined) this.#routes.set(key, (alike = new Map()));
    return alike;
  }
}

/** Which one it is, in words. */
export const neighbourKey = ({ index, address }: Neighbour): string => `${index} ${address}`;

const wayKey = ({ device, gateway, kind, message }: Route): string =>
  `${device ?? ""} ${gateway ?? ""} ${kind} ${message[RTM_SRC_LEN]}`;

/** Not one of several next hops, no copy that the kernel made, and for packets of any source: its key says which it is. */
const isOneWay = ({ nextHops, message }: Route): boolean =>
  nextHops === undefined && message[RTM_SRC_LEN] === 0 && (viewOf(message).getUint32(8, true) & RTM_F_CLONED) === 0;

const RTM_NEWROUTE = 24;
const RTM_DELROUTE = 25;
const RTM_NEWNEIGH = 28;
const RTM_DELNEIGH = 29;
const NLM_F_REPLACE = 0x100;
/** Where they are in `struct rtmsg` and `struct ndmsg`. */
const RTM_SRC_LEN = 2;
const NDM_FLAGS = 10;
const RTM_F_CLONED = 0x200;
const NTF_PROXY = 0x08;
