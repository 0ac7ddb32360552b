/** Three machines in a row for a page whose snippets say on which they are typed. As they come: addresses, routes, nothing of IOAM. */
import { labDown, labUp, openNode, type Topology } from "../../src/lab/index.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";

const common = { "net/ipv4/ping_group_range": "0 2147483647" };
/** As on real links: what leaves has its checksum, so that captures and XDP see whole packets. */
const offloads = { tx: false, tso: false, gso: false, gro: true };

const topology: Topology = {
  nodes: {
    athos: { sysctls: common, routes: [{ destination: "db02::/64", via: "db01::2", device: "eth0" }] },
    porthos: { sysctls: { ...common, "net/ipv6/conf/all/forwarding": 1 } },
    aramis: { sysctls: common, routes: [{ destination: "db01::/64", via: "db02::1", device: "eth0" }] },
  },
  links: [
    {
      ends: [
        { node: "athos", device: "eth0", addresses: ["db01::1/64"], offloads },
        { node: "porthos", device: "eth0", addresses: ["db01::2/64"], offloads },
      ],
    },
    {
      ends: [
        { node: "porthos", device: "eth1", addresses: ["db02::1/64"], offloads },
        { node: "aramis", device: "eth0", addresses: ["db02::2/64"], offloads },
      ],
    },
  ],
};

/** Lays them; `netnsOf` gives the namespace that is a machine. Close it. */
export const layMachines = (name: string): { netnsOf: (machine: string) => string; close: () => void } => {
  const owner = processIdentity();
  labUp(topology, name, owner === undefined ? {} : { owner });
  return {
    netnsOf: (machine) => {
      openNode(name, machine).close();
      return `/run/netns/${name}-${machine}`;
    },
    close: () => void labDown(name),
  };
};
