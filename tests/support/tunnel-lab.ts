/** A lab whose tunnel takes another way than the packets in it, and ends at the kernel's own decapsulation. */
import { execFileSync } from "node:child_process";
import { labDown, labUp, openNode } from "../../src/lab/lab.ts";
import type { LinkEnd, Topology } from "../../src/lab/topology.ts";
import { linkByName } from "../../src/linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import type { NetlinkSocket } from "../../src/linux/netlink/socket.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";
import { withNetns } from "../../src/linux/with-netns.ts";

export type TunnelNode = "athos" | "porthos" | "bazin" | "aramis" | "grimaud";

let count = 0;

/**
 *     athos ─ db01::/64 ─ porthos ─ h_pa ── db02::/64 ── h_a aramis ─ db05::/64 ─ grimaud
 *                            └ h_pb ─ db0c::/64 ─ bazin ─ db0d::/64 ─ h_ab ┘
 *
 * Packets for db05::/64 leave porthos by h_pa; those for db0e::/64, where the tunnel ends in aramis, by h_pb.
 */
export class TunnelLab {
  readonly name = `hm-tunnel-${process.pid}-${count++}`;
  readonly #netns = new Map<TunnelNode, Netns>();

  constructor({ segmentation = false } = {}) {
    const owner = processIdentity();
    labUp(topology(segmentation), this.name, owner === undefined ? {} : { owner });
    // The kernel's decapsulation: what comes to db0e::2 is taken out of its outer header, whatever stands between, and forwarded.
    this.ip("aramis", "-6 route add db0e::2/128 encap seg6local action End.DT6 table 254 dev h_ag");
  }

  node(name: TunnelNode): Netns {
    let netns = this.#netns.get(name);
    if (netns === undefined) this.#netns.set(name, (netns = openNode(this.name, name)));
    return netns;
  }

  netlink<R>(name: TunnelNode, run: (socket: NetlinkSocket) => R): R {
    const socket = openRtnetlink(this.node(name));
    try {
      return run(socket);
    } finally {
      socket.close();
    }
  }

  ifindex(name: TunnelNode, device: string): number {
    return this.netlink(name, (socket) => linkByName(socket, device).index);
  }

  /** Debian's `ip`, in a node. */
  ip(name: TunnelNode, command: string): string {
    return withNetns(this.node(name), () => execFileSync("ip", command.split(" "), { encoding: "utf8" }));
  }

  close(): void {
    for (const netns of this.#netns.values()) netns.close();
    labDown(this.name);
  }
}

const topology = (segmentation: boolean): Topology => {
  const offloads = { tx: segmentation, tso: segmentation, gso: segmentation };
  const end = (node: TunnelNode, device: string, address: string, rest: Partial<LinkEnd> = {}): LinkEnd => ({
    node,
    device,
    addresses: [`${address}/64`],
    offloads,
    ...rest,
  });
  const router = { "net/ipv6/conf/all/forwarding": 1 };
  const common = { "net/ipv4/ping_group_range": "0 2147483647" };
  return {
    nodes: {
      athos: {
        sysctls: common,
        ioam: { id: 1, namespaces: [{ id: 123 }] },
        routes: [
          { destination: "db05::/64", via: "db01::2", device: "h_athos" },
          { destination: "db0e::/64", via: "db01::2", device: "h_athos" },
        ],
      },
      porthos: {
        sysctls: { ...common, ...router },
        ioam: { id: 2, namespaces: [{ id: 123 }] },
        routes: [
          { destination: "db05::/64", via: "db02::2", device: "h_pa" },
          { destination: "db0e::/64", via: "db0c::2", device: "h_pb" },
        ],
      },
      bazin: {
        sysctls: router,
        ioam: { id: 4, namespaces: [{ id: 123 }] },
        routes: [{ destination: "db0e::/64", via: "db0d::2", device: "h_ba" }],
      },
      aramis: {
        sysctls: router,
        ioam: { id: 3, namespaces: [{ id: 123 }] },
        routes: [{ destination: "db01::/64", via: "db02::1", device: "h_a" }],
      },
      grimaud: {
        sysctls: common,
        routes: [
          { destination: "db01::/64", via: "db05::1", device: "h_g" },
          { destination: "db02::/64", via: "db05::1", device: "h_g" },
        ],
      },
    },
    links: [
      { ends: [end("athos", "h_athos", "db01::1"), end("porthos", "h_p", "db01::2")] },
      { ends: [end("porthos", "h_pa", "db02::1", { ioamId: 21 }), end("aramis", "h_a", "db02::2")] },
      {
        ends: [
          end("porthos", "h_pb", "db0c::1", { ioamId: 22 }),
          end("bazin", "h_bp", "db0c::2", { ioamId: 41, ioamEnabled: true }),
        ],
      },
      { ends: [end("bazin", "h_ba", "db0d::1", { ioamId: 42 }), end("aramis", "h_ab", "db0d::2")] },
      { ends: [end("aramis", "h_ag", "db05::1"), end("grimaud", "h_g", "db05::2")] },
    ],
  };
};
