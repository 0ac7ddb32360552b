/**
 * Keeps the next-hop tables of a namespace right while it runs: hears what changes in routes, neighbours, rules and interfaces,
 * works the tables out anew, and vouches for them for two seconds at a time. When it stops for whatever reason, the
 * programs ask the kernel.
 */
import { openPins } from "../../../bpf/pin/registry.ts";
import { ConfigError, HopmarkError, SyscallError } from "../../../errors.ts";
import { readClock } from "../../../linux/clock.ts";
import { NETLINK_ROUTE } from "../../../linux/netlink/constants.ts";
import { MulticastSocket } from "../../../linux/netlink/multicast.ts";
import { NetlinkError, type NetlinkSocket } from "../../../linux/netlink/socket.ts";
import type { Netns } from "../../../linux/netns.ts";
import { confirmNeighbour, neighbours } from "../../../linux/rtnetlink/neighbours.ts";
import { ipv6Routes } from "../../../linux/rtnetlink/routes.ts";
import { hasDefaultRules } from "../../../linux/rtnetlink/rules.ts";
import { openRtnetlink } from "../../../linux/rtnetlink/socket.ts";
import { readSysctl } from "../../../linux/sysctl.ts";
import { openNamespace } from "../device.ts";
import { egressOf, readOutward, type Outward } from "./egress.ts";
import { featuresIn } from "../feature.ts";
import { KeptTable } from "./kept-table.ts";
import { nextHopTable, type ForwardingState, type TableEntry } from "./next-hop-table.ts";
import { xdpSetupOf } from "./xdp.ts";

/** What has changed in a table. */
export interface NextHopChange {
  readonly device: string;
  /** Destinations in the table, and how many of them were added, changed or taken away. */
  readonly entries: number;
  readonly changed: number;
  /** Why there are none. */
  readonly empty?: "rules" | "forwarding off";
}

export interface NextHopOptions {
  /** Only this device's; without it, those of all devices of the namespace. */
  readonly device?: string | undefined;
  readonly netns?: string | undefined;
  /** Told of each table as it is at first, and whenever it changes. */
  readonly onChange?: (change: NextHopChange) => void;
}

/** A table is believed for so long after its keeper last knew it to be right. */
const LEASE_NS = 2_000_000_000n;
const RENEW_MS = 500;
/** Of what nobody announces (ids, GRO at the other end of a veth), it looks every so many renewals. */
const LOOK_EVERY = 2;

/** Keeps tables until it is closed. ConfigError when there are none. */
export class NextHopKeeper {
  readonly #options: NextHopOptions;
  readonly #netns: Netns;
  readonly #route: NetlinkSocket;
  readonly #monitor: MulticastSocket;
  #tables: KeptTable[] = [];
  /** Tables whose first state was told. */
  readonly #told = new WeakSet<KeptTable>();
  #timer: NodeJS.Timeout | undefined;
  #outward: readonly Outward[] = [];
  #stale = true;
  #rounds = 0;
  /** When the tables may be worked out again: that takes half of the time at most. */
  #notBefore = 0;

  constructor(options: NextHopOptions) {
    this.#options = options;
    this.#netns = openNamespace(options.netns);
    this.#route = openRtnetlink(this.#netns);
    this.#monitor = new MulticastSocket({ protocol: NETLINK_ROUTE, groups: GROUPS, netns: this.#netns });
    try {
      this.#findTables();
      if (this.#tables.length === 0) throw noTables(options);
      this.#update();
      this.#monitor.watch(() => this.#update());
      this.#timer = setInterval(() => this.renew(), RENEW_MS);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get devices(): readonly string[] {
    return this.#tables.map(({ device }) => device);
  }

  /** Twice is fine. */
  close(): void {
    clearInterval(this.#timer);
    for (const table of this.#tables) table.close();
    this.#tables = [];
    this.#monitor.close();
    this.#route.close();
    this.#netns.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Looks at everything, and vouches for the tables anew. It comes by itself as long as the event loop runs. */
  renew(): void {
    if (++this.#rounds % LOOK_EVERY === 0) {
      this.#findTables();
      if (JSON.stringify(readOutward(this.#netns, this.#route), bigints) !== JSON.stringify(this.#outward, bigints))
        this.#stale = true;
    }
    this.#update();
  }

  /** Takes what was announced, brings the tables up to date, and vouches for what was true when it began. */
  #update(): void {
    const began = readClock("tai");
    if (this.#monitor.read(() => {})) this.#stale = true;
    if (this.#stale) {
      const start = performance.now();
      // The next renewal does it.
      if (start < this.#notBefore) return;
      try {
        this.#rebuild();
      } catch (error) {
        if (error instanceof HopmarkError && error.code === "busy") return;
        throw error;
      }
      const end = performance.now();
      this.#notBefore = end + (end - start > SHORT_MS ? end - start : 0);
    }
    for (const table of this.#tables) table.lease(began, began + LEASE_NS);
  }

  #rebuild(): void {
    // From here on announcements are of what may not be in the lists.
    this.#stale = false;
    try {
      this.#outward = readOutward(this.#netns, this.#route);
      const facts = {
        routes: ipv6Routes(this.#route),
        defaultRules: hasDefaultRules(this.#route),
        neighbours: neighbours(this.#route),
      };
      for (const table of this.#tables) this.#write(table, facts);
    } catch (error) {
      this.#stale = true;
      throw error;
    }
  }

  #write(table: KeptTable, facts: Omit<ForwardingState, "egress">): void {
    const egress = this.#outward.map((one) => egressOf(one, table.mode));
    const forwards = this.#forwards(table.device);
    const state = { ...facts, egress: new Map(egress.map((one) => [one.index, one])) };
    const entries = forwards ? nextHopTable(state) : [];
    table.writeEgress(egress);
    const changed = table.write(entries);
    this.#confirm(entries);
    if (changed === 0 && this.#told.has(table)) return;
    this.#told.add(table);
    const empty = !forwards ? "forwarding off" : facts.defaultRules ? undefined : "rules";
    this.#options.onChange?.({
      device: table.device,
      entries: table.entries,
      changed,
      ...(empty !== undefined && { empty }),
    });
  }

  /** Whether packets that come in by the device are forwarded, by the namespace's own tables. */
  #forwards(device: string): boolean {
    const there = this.#outward.some(({ name, link }) => name === device && link.master === undefined);
    return there && ["all", device].every((name) => this.#isForwarding(name));
  }

  /** False, too, of an interface that has gone meanwhile. */
  #isForwarding(name: string): boolean {
    try {
      return readSysctl(this.#netns, `net/ipv6/conf/${name}/forwarding`) !== "0";
    } catch (error) {
      if (error instanceof SyscallError && error.errno === "ENOENT") return false;
      throw error;
    }
  }

  /** Forwarding at XDP does not count as use: without it the kernel would hold a neighbour that is gone. */
  #confirm(entries: readonly TableEntry[]): void {
    const used = new Set(entries.flatMap(({ hop }) => (hop?.neighbour.stale === true ? [hop.neighbour] : [])));
    for (const { index, address } of used) {
      try {
        confirmNeighbour(this.#route, index, address);
      } catch (error) {
        // It has gone meanwhile, which is announced.
        if (!(error instanceof NetlinkError)) throw error;
      }
    }
  }

  /** Tables come and go with their transit. */
  #findTables(): void {
    for (const table of this.#tables.filter((own) => !own.isThere())) table.close();
    this.#tables = this.#tables.filter((own) => own.isThere());
    for (const { place, options, feature } of featuresIn(this.#netns)) {
      const setup = feature === "ioam-transit" ? xdpSetupOf(options) : undefined;
      const wanted = this.#options.device === undefined || this.#options.device === place.device;
      const known = this.#tables.some(({ ifindex }) => ifindex === place.ifindex);
      if (setup?.table !== true || !wanted || known) continue;
      const pins = openPins(place, this.#netns);
      try {
        this.#tables.push(new KeptTable(pins, setup.mode));
      } catch (error) {
        pins.close();
        throw error;
      }
      this.#stale = true;
    }
  }
}

const noTables = ({ device, netns }: NextHopOptions): ConfigError => {
  const where = netns === undefined ? "here" : `in ${netns}`;
  const words = device === undefined ? `no transit ${where} has a next-hop table` : `${device} has no next-hop table`;
  return new ConfigError(words, {
    hint: `make one: hopmark ioam transit add dev ${device ?? "DEVICE"} --xdp --next-hops`,
  });
};

const bigints = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

const SHORT_MS = 20;
/** RTNLGRP_LINK, _NEIGH, _IPV6_ROUTE, _IPV6_RULE, _IPV6_NETCONF. */
const GROUPS = [1, 3, 11, 19, 25];
