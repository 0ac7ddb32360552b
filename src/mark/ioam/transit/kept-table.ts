/** The next-hop table of one device with transit at XDP, in the hands of its keeper. */
import { statSync } from "node:fs";
import { holdDirectory } from "../../../bpf/pin/hold.ts";
import type { PinnedSet } from "../../../bpf/pin/pinned-set.ts";
import { HopmarkError } from "../../../errors.ts";
import { mac } from "../../../wire/address.ts";
import { formatIp } from "../../../linux/ip-address.ts";
import type { Ipv6Address } from "../../../wire/layout.ts";
import { taiOffset } from "../../feature/tai-offset.ts";
import { refreshOffset } from "../../feature/feature.ts";
import type { Egress, XdpMode } from "./egress.ts";
import type { TableEntry } from "./next-hop-table.ts";
import { writeEgress } from "./write-egress.ts";
import { egressInterfaces, leaseFrom, leaseUntil, nearEgress, nextHops } from "./xdp-maps.ts";

/** Close it: the program then asks the kernel for every way. */
export class KeptTable {
  readonly device: string;
  readonly ifindex: number;
  readonly mode: XdpMode;
  readonly #pins: PinnedSet;
  readonly #lock: { close(): void };
  readonly #inode: number;
  readonly #table;
  readonly #egress;
  readonly #near;
  readonly #from;
  readonly #until;
  readonly #taiOffset;
  /** What is in the map: values by key, both as text. */
  #written = new Map<string, string>();

  /** Takes the pins over. HopmarkError `busy` when the table has a keeper. */
  constructor(pins: PinnedSet, mode: XdpMode) {
    this.device = pins.place.device;
    this.ifindex = pins.place.ifindex;
    this.mode = mode;
    this.#pins = pins;
    this.#inode = inodeOf(pins) ?? 0;
    const lock = holdDirectory(pins.directory);
    if (lock === undefined) {
      throw new HopmarkError("busy", `another process keeps the next hops of ${this.device} already`, {
        hint: "one is enough: end either",
      });
    }
    this.#lock = lock;
    this.#table = pins.map("next_hops", nextHops);
    this.#egress = pins.map("egress", egressInterfaces);
    this.#near = pins.map("near_egress", nearEgress);
    this.#from = pins.map("lease_from", leaseFrom);
    this.#until = pins.map("lease_until", leaseUntil);
    // All of them now: anybody takes the pins of an interface that is gone away, and its table is kept until that is heard.
    this.#taiOffset = pins.map("tai_offset", taiOffset);
    // What an earlier keeper knew.
    this.suspend();
    this.#table.deleteAll([...this.#table.keys()]);
  }

  get entries(): number {
    return this.#written.size;
  }

  /** False when it was taken away, or made anew, meanwhile. */
  isThere(): boolean {
    return inodeOf(this.#pins) === this.#inode;
  }

  /** Makes the table what `entries` say, suspended while it is in between; returns how many elements it changed. */
  write(entries: readonly TableEntry[]): number {
    const wanted = new Map(entries.map((entry) => [keyOf(entry), entry]));
    const values = new Map([...wanted].map(([key, entry]) => [key, textOf(entry)]));
    const changed = [...wanted].filter(([key]) => this.#written.get(key) !== values.get(key));
    const gone = [...this.#written.keys()].filter((key) => !values.has(key));
    if (changed.length + gone.length === 0) return 0;
    this.suspend();
    this.#table.setAll(changed.map(([, entry]) => [elementKey(entry), elementValue(entry)] as const));
    this.#table.deleteAll(gone.map(parseKey));
    this.#written = values;
    return changed.length + gone.length;
  }

  writeEgress(egress: readonly Egress[]): void {
    writeEgress(this.#egress, this.#near, egress);
    refreshOffset(this.#taiOffset);
  }

  /** Vouches for the table between two times of TAI, ns. */
  lease(fromNs: bigint, untilNs: bigint): void {
    this.#until.value = untilNs;
    this.#from.value = fromNs;
  }

  suspend(): void {
    this.#until.value = 0n;
  }

  close(): void {
    this.suspend();
    this.#lock.close();
    this.#pins.close();
  }
}

/** Of the map's pin: transit may be made anew, or changed to go without a table. */
const inodeOf = ({ directory }: PinnedSet): number | undefined =>
  statSync(`${directory}/map-next_hops`, { throwIfNoEntry: false })?.ino;

const keyOf = ({ address, prefixLength }: TableEntry): string => `${formatIp(address)}/${prefixLength}`;

const parseKey = (key: string): { prefixLength: number; address: Ipv6Address } => {
  const [address = "", length] = key.split("/");
  return { prefixLength: Number(length), address: address as Ipv6Address };
};

const textOf = ({ hop }: TableEntry): string =>
  hop === null ? "" : JSON.stringify([hop.out, hop.mtu, hop.destinationMac]);

const elementKey = (entry: TableEntry): { prefixLength: number; address: Ipv6Address } => parseKey(keyOf(entry));

const NOWHERE = mac("00:00:00:00:00:00");

const elementValue = ({ hop }: TableEntry) => {
  if (hop === null) {
    return { ifindex: 0, mtu: 0, id: 0, takes: 0, idWide: 0, sourceMac: NOWHERE, destinationMac: NOWHERE };
  }
  const { index, id, idWide, takes } = hop.out;
  return {
    ifindex: index,
    mtu: hop.mtu,
    id,
    takes,
    idWide,
    sourceMac: mac(hop.out.mac),
    destinationMac: mac(hop.destinationMac),
  };
};
