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
import { confirmNeighbour, type Neighbour } from "../../../linux/rtnetlink/neighbours.ts";
import { openRtnetlink } from "../../../linux/rtnetlink/socket.ts";
import { readSysctl } from "../../../linux/sysctl.ts";
import { openNamespace } from "../device.ts";
import { egressOf, readOutward, type Outward } from "./egress.ts";
import { featuresIn } from "../../feature/feature.ts";
import { KeptTable } from "./kept-table.ts";
import { ForwardingView, neighbourKey } from "./forwarding-view.ts";
import { nextHopTable, type ForwardingState } from "./next-hop-table.ts";
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
  readonly #view = new ForwardingView();
  /** What is to be done before the tables are right: work them out, after reading the lists or from what is known. */
  #due: "nothing" | "table" | "lists" = "lists";
  /** Neighbours that tables send packets to. */
  #used: ReadonlySet<string> = new Set();
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
        this.#due = "lists";
    }
    this.#update();
  }

  /** Takes what was announced, brings the tables up to date, and vouches for what was true when it began. */
  #update(): void {
    const began = readClock("tai");
    this.#hear();
    if (this.#due !== "nothing") {
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

  /** Takes what was announced into the view, as far as it says all. */
  #hear(): void {
    const { bytes, overruns } = this.#monitor;
    this.#monitor.read((type, start, end, flags) => {
      if (this.#due === "lists") return;
      const effect = this.#view.apply(type, flags, bytes.slice(start, end));
      if (effect === "unknown") this.#due = "lists";
      else if (effect === "table") this.#due = "table";
    });
    if (this.#monitor.overruns !== overruns) this.#due = "lists";
    this.#confirm(this.#view.takeStale().filter((one) => this.#used.has(neighbourKey(one))));
  }

  #rebuild(): void {
    const due = this.#due;
    // From here on announcements are of what may not be in the lists.
    this.#due = "nothing";
    try {
      if (due === "lists") {
        this.#outward = readOutward(this.#netns, this.#route);
        this.#view.read(this.#route);
      }
      const facts = this.#view.state;
      const used = this.#tables.flatMap((table) => this.#write(table, facts));
      this.#used = new Set(used.map(neighbourKey));
      this.#confirm(used.filter(({ stale }) => stale));
    } catch (error) {
      this.#due = due;
      throw error;
    }
  }

  /** Returns the neighbours that the table sends packets to. */
  #write(table: KeptTable, facts: Omit<ForwardingState, "egress">): Neighbour[] {
    const egress = this.#outward.map((one) => egressOf(one, table.mode));
    const forwards = this.#forwards(table.device);
    const state = { ...facts, egress: new Map(egress.map((one) => [one.index, one])) };
    const entries = forwards ? nextHopTable(state) : [];
    table.writeEgress(egress);
    const changed = table.write(entries);
    const used = [...new Set(entries.flatMap(({ hop }) => (hop === null ? [] : [hop.neighbour])))];
    if (changed === 0 && this.#told.has(table)) return used;
    this.#told.add(table);
    const empty = !forwards ? "forwarding off" : facts.defaultRules ? undefined : "rules";
    this.#options.onChange?.({
      device: table.device,
      entries: table.entries,
      changed,
      ...(empty !== undefined && { empty }),
    });
    return used;
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
  #confirm(stale: Iterable<Neighbour>): void {
    for (const { index, address } of new Set(stale)) {
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
      this.#due = "lists";
    }
  }
}

const noTables = ({ device, netns }: NextHopOptions): ConfigError => {
  const where = netns === undefined ? "here" : `in ${netns}`;
  const words = device === undefined ? `no transit ${where} has a next-hop table` : `${device} has no next-hop table`;
  return new ConfigError(words, {
    hint: `make one: hopmark ioam transit replace dev ${device ?? "DEVICE"} --xdp --next-hops`,
  });
};

const bigints = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

const SHORT_MS = 20;
/** RTNLGRP_LINK, _NEIGH, _IPV6_ROUTE, _IPV6_RULE, _IPV6_NETCONF. */
const GROUPS = [1, 3, 11, 19, 25];
