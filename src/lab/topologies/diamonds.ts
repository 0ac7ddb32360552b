import type { LabNode, LabRoute, LinkEnd, Topology } from "../topology.ts";

/** What may differ in the lab of the five nodes. */
export interface DiamondsOptions {
  /** Nodes whose kernel fills in the traces that arrive. Default: none, Hopmark's programs do it. */
  readonly kernelIoam?: readonly Diamond[];
}

type Diamond = "athos" | "dartagnan" | "porthos" | "milady" | "aramis";

/**
 * Five nodes with two ways of equal right between d'Artagnan and Aramis, each node with its part in IOAM namespace 123:
 *
 *                                  ┌── porthos (2) ──┐
 *     athos (1) ── dartagnan (4) ──┤                 ├── aramis (3)
 *     db01::1                      └── milady (5) ───┘   db02::2
 *
 * Addresses and ports of a packet choose its way. When one of dartagnan's links fails, the other takes all. Interfaces have
 * the IOAM ids 11; 41 to 43; 21, 22; 51, 52; 31, 32. Offloads are off: each packet is whole and has its checksum.
 */
export function diamonds({ kernelIoam = [] }: DiamondsOptions = {}): Topology {
  const offloads = { tx: false, tso: false, gso: false };
  const end = (node: Diamond, device: string, ioamId: number, address: string): LinkEnd => ({
    node,
    device,
    ioamId,
    addresses: [address],
    offloads,
    ioamEnabled: kernelIoam.includes(node),
  });
  const node = (id: number, routes: readonly LabRoute[], rest: LabNode = {}): LabNode => ({
    ...rest,
    routes,
    sysctls: { ...common, ...rest.sysctls },
    ioam: { id, namespaces: [{ id: 123 }] },
  });
  const router = (id: number, towards: string, back: string, name: string): LabNode =>
    node(
      id,
      [
        { destination: SINK, via: towards, device: `h_${name}_a` },
        { destination: SOURCE, via: back, device: `h_${name}_d` },
      ],
      { sysctls: forwarding },
    );
  return {
    nodes: {
      athos: node(1, [{ destination: SINK, via: "db01::2", device: "h_athos" }]),
      dartagnan: node(
        4,
        [{ destination: SINK, via: "db10::2", device: "h_dart_p", also: [{ via: "db20::2", device: "h_dart_m" }] }],
        { sysctls: { ...forwarding, ...sharing } },
      ),
      porthos: router(2, "db11::2", "db10::1", "porthos"),
      milady: router(5, "db21::2", "db20::1", "milady"),
      aramis: node(
        3,
        [
          {
            destination: SOURCE,
            via: "db11::1",
            device: "h_aramis_p",
            also: [{ via: "db21::1", device: "h_aramis_m" }],
          },
        ],
        { addresses: ["db02::2/128"], sysctls: sharing },
      ),
    },
    links: [
      { ends: [end("athos", "h_athos", 11, "db01::1/64"), end("dartagnan", "h_dart_a", 41, "db01::2/64")] },
      { ends: [end("dartagnan", "h_dart_p", 42, "db10::1/64"), end("porthos", "h_porthos_d", 21, "db10::2/64")] },
      { ends: [end("dartagnan", "h_dart_m", 43, "db20::1/64"), end("milady", "h_milady_d", 51, "db20::2/64")] },
      { ends: [end("porthos", "h_porthos_a", 22, "db11::1/64"), end("aramis", "h_aramis_p", 31, "db11::2/64")] },
      { ends: [end("milady", "h_milady_a", 52, "db21::1/64"), end("aramis", "h_aramis_m", 32, "db21::2/64")] },
    ],
  };
}

const SOURCE = "db01::/64";
const SINK = "db02::/64";

/** Everyone may ping. */
const common = { "net/ipv4/ping_group_range": "0 2147483647" } as const;
const forwarding = { "net/ipv6/conf/all/forwarding": 1 } as const;
/** Ports choose the way too (1: layer 4), and a link that lost its carrier gets nothing. */
const sharing = {
  "net/ipv6/fib_multipath_hash_policy": 1,
  "net/ipv6/conf/all/ignore_routes_with_linkdown": 1,
  "net/ipv6/conf/default/ignore_routes_with_linkdown": 1,
} as const;
