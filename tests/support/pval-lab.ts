/** The pair of nodes for one test file, with pval devices on the left, on the right or on both. */
import { labDown, labUp, openNode } from "../../src/lab/lab.ts";
import { pair } from "../../src/lab/topologies/pair.ts";
import type { NetlinkSocket } from "../../src/linux/netlink/socket.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";
import { addAddress, deleteAddress } from "../../src/linux/rtnetlink/addresses.ts";
import { linkByName, setLink, type Link } from "../../src/linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { writeSysctl } from "../../src/linux/sysctl.ts";
import { waitUsable } from "../../src/linux/rtnetlink/usable.ts";
import { addPval, deletePval, showDevices, type PvalOptions, type PvalStatus } from "../../src/mark/pval/control.ts";

type Side = "left" | "right";

const addresses = { left: ["10.0.0.1/24", "db01::1/64"], right: ["10.0.0.2/24", "db01::2/64"] } as const;

let count = 0;

/** A lab under a name of its own. Close it, whatever happens. */
export class PvalLab {
  readonly name = `hm-pval-${process.pid}-${count++}`;
  readonly #open = new Map<Side, { netns: Netns; route: NetlinkSocket }>();

  constructor() {
    const owner = processIdentity();
    labUp(pair(), this.name, owner === undefined ? {} : { owner });
    // A veth that hands packets to GRO has a ring of 256 and drops what finds it full: all that TCP has on its way fits.
    for (const side of ["left", "right"] as const)
      writeSysctl(this.netns(side), "net/ipv4/tcp_rmem", "4096 262144 262144");
  }

  /** As the left node or the right one is called by `--netns`. */
  reference(side: Side): string {
    return `${this.name}-${side}`;
  }

  netns(side: Side): Netns {
    return this.#side(side).netns;
  }

  route(side: Side): NetlinkSocket {
    return this.#side(side).route;
  }

  link(side: Side, name: string): Link {
    return linkByName(this.route(side), name);
  }

  /** Puts pval0 on the node's device and gives it the device's addresses. */
  add(side: Side, options: Partial<PvalOptions>): void {
    const device = `h_${side}`;
    const route = this.route(side);
    addPval({ link: device, options, inPlace: false }, this.reference(side));
    const below = this.link(side, device).index;
    const { index } = this.link(side, "pval0");
    for (const prefix of addresses[side]) deleteAddress(route, below, prefix);
    setLink(route, index, { up: true });
    for (const prefix of addresses[side]) addAddress(route, index, prefix, { duplicateDetection: false });
    waitUsable(route, "pval0", addresses[side]);
  }

  status(side: Side, name = "pval0"): PvalStatus {
    const found = showDevices(this.reference(side)).find((device) => device.name === name);
    if (found === undefined) throw new Error(`no ${name} on ${side}`);
    return found;
  }

  close(): void {
    for (const side of ["left", "right"] as const) {
      const reference = this.reference(side);
      for (const { name } of showDevices(reference)) deletePval(name, reference);
    }
    for (const { netns, route } of this.#open.values()) {
      route.close();
      netns.close();
    }
    labDown(this.name);
  }

  #side(side: Side): { netns: Netns; route: NetlinkSocket } {
    let open = this.#open.get(side);
    if (open === undefined) {
      const netns = openNode(this.name, side);
      this.#open.set(side, (open = { netns, route: openRtnetlink(netns) }));
    }
    return open;
  }
}
