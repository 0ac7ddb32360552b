/** The three-node lab on the older kernel, through Hopmark's control functions. */
import { readFileSync } from "node:fs";
import { listPins, removeLeftovers } from "../../../src/bpf/pin/registry.ts";
import { pathObject, type PathObject } from "../../../src/follow/trace/index.ts";
import { labDown, labUp, musketeers, openNode, type MusketeersOptions } from "../../../src/lab/index.ts";
import type { Netns } from "../../../src/linux/netns.ts";
import { linkByName } from "../../../src/linux/rtnetlink/links.ts";
import { routes } from "../../../src/linux/rtnetlink/routes.ts";
import { openRtnetlink } from "../../../src/linux/rtnetlink/socket.ts";
import { filters, qdiscs } from "../../../src/linux/rtnetlink/traffic-control.ts";
import { withNetns } from "../../../src/linux/with-netns.ts";
import {
  addEncap,
  addSink,
  addTransit,
  deleteEncap,
  deleteSink,
  deleteTransit,
  openSink,
  showIoam,
  type OpenSink,
} from "../../../src/mark/ioam/control.ts";

export type Musketeer = "athos" | "porthos" | "aramis";

export const NODE_NAMES = new Map([
  [1, "athos"],
  [2, "porthos"],
  [3, "aramis"],
]);

const DEVICES = { athos: ["h_athos"], porthos: ["h_porthos_a", "h_porthos_b"], aramis: ["h_aramis"] } as const;
const MUSKETEERS = Object.keys(DEVICES) as Musketeer[];
export const PREFIX = "db02::/64";
/** Bits 0 to 6, and room for three nodes. */
const RULE = {
  prefix: PREFIX,
  traceType: 0xfe0000,
  namespaceId: 123,
  size: 84,
  frequency: { packets: 1, of: 1 },
} as const;

/** A lab with encapsulation, transit (Hopmark's unless the kernel's is asked for, at tc unless XDP is) and sink. */
export class Lab {
  readonly name: string;
  readonly hopmarkTransit: boolean;
  readonly #sink: OpenSink;
  readonly #watch: { close(): void };
  readonly #records: Uint8Array[] = [];

  constructor(name: string, options: MusketeersOptions = {}) {
    this.name = name;
    this.hopmarkTransit = options.kernelIoam?.includes("porthos") !== true;
    labUp(musketeers(options), name);
    addEncap(this.target("athos"), RULE);
    const { xdp = false } = options;
    if (this.hopmarkTransit) for (const device of DEVICES.porthos) addTransit(this.target("porthos", device), { xdp });
    addSink(this.target("aramis"));
    this.#sink = openSink(this.target("aramis"));
    this.#watch = this.#sink.reader.watch((view, offset, length) => {
      this.#records.push(new Uint8Array(view.buffer, view.byteOffset + offset, length).slice());
    });
  }

  /** How many traces came through the ring so far. */
  get records(): number {
    return this.#records.length;
  }

  /** The path in each of them. */
  paths(): readonly PathObject[] {
    return this.#records.map((bytes) => pathObject(bytes, 0, NODE_NAMES));
  }

  netns(node: Musketeer): string {
    return `${this.name}-${node}`;
  }

  target(node: Musketeer, device: string = DEVICES[node][0]): { device: string; netns: string } {
    return { device, netns: this.netns(node) };
  }

  /** Runs with a node's namespace open, and closes it. */
  async within<T>(node: Musketeer, run: (netns: Netns) => T | Promise<T>): Promise<T> {
    const netns = openNode(this.name, node);
    try {
      return await run(netns);
    } finally {
      netns.close();
    }
  }

  /** A feature's counters; those of encapsulation are its only rule's. */
  counters(node: Musketeer, kind: "encap" | "transit" | "sink"): Readonly<Record<string, bigint>> {
    return showIoam(this.netns(node)).find((status) => status.kind === kind)?.counters ?? {};
  }

  /** One of the kernel's counters of TCP on a node. */
  tcpCounter(node: Musketeer, counter: string): Promise<number> {
    return this.within(node, (netns) => {
      const text = withNetns(netns, () => readFileSync("/proc/thread-self/net/snmp", "utf8"));
      const [names = [], values = []] = [...text.matchAll(/^Tcp: (.*)$/gm)].map(([, line = ""]) => line.split(" "));
      const value = values[names.indexOf(counter)];
      if (value === undefined) throw new Error(`the kernel does not count ${counter}`);
      return Number(value);
    });
  }

  /** The MTU of athos' route to the prefix; undefined when it has none of its own. */
  routeMtu(): Promise<number | undefined> {
    return this.within("athos", (netns) => {
      const route = openRtnetlink(netns);
      try {
        return routes(route).find(({ destination }) => destination === PREFIX)?.mtu;
      } finally {
        route.close();
      }
    });
  }

  /** What is attached where, as `node device direction filter`, and which devices have a clsact. */
  async attached(): Promise<readonly string[]> {
    const found = await Promise.all(
      MUSKETEERS.map((node) =>
        this.within(node, (netns) => {
          const route = openRtnetlink(netns);
          try {
            return DEVICES[node].flatMap((device) => {
              const { index } = linkByName(route, device);
              const programs = (["ingress", "egress"] as const).flatMap((direction) =>
                filters(route, index, direction).map(
                  (filter) => `${device} ${direction} ${filter.name?.replace(":[clsact]", "")}`,
                ),
              );
              const own = qdiscs(route, index).filter(({ kind }) => kind === "clsact");
              return [...own.map(() => `${device} clsact`), ...programs];
            });
          } finally {
            route.close();
          }
        }),
      ),
    );
    return found.flat();
  }

  pins(): readonly string[] {
    return listPins().map(({ place }) => `${place.feature} ${place.device}`);
  }

  /** Everything of Hopmark's off the devices again. */
  remove(): void {
    this.closeSink();
    deleteEncap(this.target("athos"));
    if (this.hopmarkTransit) for (const device of DEVICES.porthos) deleteTransit(this.target("porthos", device));
    deleteSink(this.target("aramis"));
  }

  closeSink(): void {
    this.#watch.close();
    this.#sink.close();
  }

  /** Whatever state it is in. */
  down(): void {
    this.closeSink();
    labDown(this.name);
    removeLeftovers();
  }
}
