import { ConfigError } from "../../errors.ts";
import type { LabNode, LinkEnd, Topology } from "../topology.ts";

/** What may differ in the lab of the three nodes. */
export interface MusketeersOptions {
  /** Nodes whose kernel fills in the traces that arrive. Default: none, Hopmark's programs do it. */
  readonly kernelIoam?: readonly ("athos" | "porthos" | "aramis")[];
  /**
   * Segmentation and checksums left to the links, as they are by default. A trace then belongs to several packets of
   * the wire, captures show unfinished checksums, and XDP cannot be used. Default: off.
   */
  readonly segmentation?: boolean;
  /** MTU of athos' route to aramis: 1396 leaves room for the demo's trace of 104 bytes. Default: none. */
  readonly routeMtu?: number;
  /** Make every link fit for XDP at its receiving end and as a target of redirects: GRO on (NAPI). Default: off. */
  readonly xdp?: boolean;
}

/**
 * Three nodes in a row, each with its part in IOAM namespace 123:
 *
 *     athos h_athos ──────── h_porthos_a porthos h_porthos_b ──────── h_aramis aramis
 *     id 1  db01::1, 11      db01::2, 21   id 2   db02::1, 22        db02::2, 31   id 3
 *
 * Unless asked otherwise the offloads of sending ends are off: each packet is whole and has its checksum.
 */
export function musketeers(options: MusketeersOptions = {}): Topology {
  const segmentation = options.segmentation === true;
  if (segmentation && options.xdp === true)
    throw new ConfigError("a lab for XDP cannot leave segmentation to its links");
  const offloads = {
    tx: segmentation,
    tso: segmentation,
    gso: segmentation,
    ...(options.xdp === true && { gro: true }),
  };
  const end = (node: "athos" | "porthos" | "aramis", rest: Omit<LinkEnd, "node">): LinkEnd => ({
    node,
    offloads,
    ioamEnabled: options.kernelIoam?.includes(node) === true,
    ...rest,
  });
  return {
    nodes: {
      athos: {
        sysctls: common,
        ioam: {
          id: 1,
          namespaces: [{ id: 123, data: 0xdeadbeef, dataWide: "0xdeadbeefcafedeca", schema: 7 }],
          schemas: [{ id: 7, text: "anything that should be automatically 4n-aligned!!" }],
        },
        routes: [
          {
            destination: "db02::/64",
            via: "db01::2",
            device: "h_athos",
            ...(options.routeMtu !== undefined && { mtu: options.routeMtu }),
          },
        ],
      },
      porthos: { sysctls: { ...common, "net/ipv6/conf/all/forwarding": 1 }, ioam: { id: 2, namespaces } },
      aramis: {
        sysctls: common,
        ioam: { id: 3, namespaces },
        routes: [{ destination: "db01::/64", via: "db02::1", device: "h_aramis" }],
      },
    },
    links: [
      {
        ends: [
          end("athos", {
            device: "h_athos",
            mac: "2e:fe:7c:b0:c7:72",
            addresses: ["db01::1/64"],
            ioamId: 11,
          }),
          end("porthos", { device: "h_porthos_a", mac: "2e:fe:7c:b0:c7:21", addresses: ["db01::2/64"], ioamId: 21 }),
        ],
      },
      {
        ends: [
          end("porthos", { device: "h_porthos_b", mac: "2e:fe:7c:b0:c7:22", addresses: ["db02::1/64"], ioamId: 22 }),
          end("aramis", { device: "h_aramis", mac: "2e:fe:7c:b0:c7:31", addresses: ["db02::2/64"], ioamId: 31 }),
        ],
      },
    ],
  };
}

/** Everyone may ping. */
const common: LabNode["sysctls"] & object = { "net/ipv4/ping_group_range": "0 2147483647" };

const namespaces = [{ id: 123 }];
