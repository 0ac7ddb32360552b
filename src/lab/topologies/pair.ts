import type { Topology } from "../topology.ts";

/**
 * Two nodes and one link, IPv4 and IPv6:
 *
 *     left h_left ──────── h_right right
 *     10.0.0.1, db01::1    10.0.0.2, db01::2
 *
 * Transmit checksum offload is off and GRO on at both ends, so that XDP may run and redirect there.
 */
export function pair(): Topology {
  const offloads = { tx: false, gro: true };
  const sysctls = { "net/ipv4/ping_group_range": "0 2147483647" };
  return {
    nodes: { left: { sysctls }, right: { sysctls } },
    links: [
      {
        ends: [
          { node: "left", device: "h_left", addresses: ["10.0.0.1/24", "db01::1/64"], offloads },
          { node: "right", device: "h_right", addresses: ["10.0.0.2/24", "db01::2/64"], offloads },
        ],
      },
    ],
  };
}
