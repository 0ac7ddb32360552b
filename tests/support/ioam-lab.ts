/** The three musketeers for one test file, and Hopmark's programs on their devices. */
import { inspect } from "node:util";
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import { loadAll, type Instance } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import type { CompiledProgram } from "../../src/compiler/program.ts";
import type { Program } from "../../src/kernel/program.ts";
import { labDown, labUp, openNode } from "../../src/lab/lab.ts";
import { musketeers, type MusketeersOptions } from "../../src/lab/topologies/musketeers.ts";
import type { Topology } from "../../src/lab/topology.ts";
import { clockOffset } from "../../src/linux/clock.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { linkByName } from "../../src/linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";
import { encap } from "../../src/mark/ioam/encap/encap.bpf.ts";
import type { EncapRule } from "../../src/mark/ioam/encap/rule.ts";
import { localInterface, localNode } from "../../src/mark/ioam/local-node.ts";
import type { IoamInterface, IoamNode } from "../../src/mark/ioam/node.ts";
import { sink } from "../../src/mark/ioam/sink/sink.bpf.ts";
import { taiOffset } from "../../src/mark/feature/tai-offset.ts";
import { transitEgress, transitIngress } from "../../src/mark/ioam/transit/transit.bpf.ts";

export type Musketeer = "athos" | "porthos" | "aramis";

let count = 0;

/** A lab under a name of its own. Close it, whatever happens. */
export class IoamLab {
  readonly name: string;
  readonly #netns = new Map<Musketeer, Netns>();
  readonly #closing: (() => void)[] = [];

  constructor(options: MusketeersOptions = {}, change: (topology: Topology) => Topology = (topology) => topology) {
    this.name = `hm-ioam-${process.pid}-${count++}`;
    const owner = processIdentity();
    labUp(change(musketeers(options)), this.name, owner === undefined ? {} : { owner });
  }

  node(name: Musketeer): Netns {
    let netns = this.#netns.get(name);
    if (netns === undefined) this.#netns.set(name, (netns = openNode(this.name, name)));
    return netns;
  }

  ifindex(node: Musketeer, device: string): number {
    const route = openRtnetlink(this.node(node));
    try {
      return linkByName(route, device).index;
    } finally {
      route.close();
    }
  }

  /** What the kernel of this node says of itself. */
  identity(node: Musketeer, device: string): { node: IoamNode; device: IoamInterface } {
    return { node: localNode(this.node(node)), device: localInterface(this.node(node), device, 14) };
  }

  encap(rules: readonly EncapRule[]): Instance {
    const config = { ...this.identity("athos", "h_athos"), rules };
    return this.#attach("athos", [["h_athos", "egress", compiled(encap, config)]]);
  }

  transit(): Instance {
    const programs = ["h_porthos_a", "h_porthos_b"].flatMap((device) => {
      const config = this.identity("porthos", device);
      return [
        [device, "ingress", compiled(transitIngress, config)],
        [device, "egress", compiled(transitEgress, config)],
      ] as const;
    });
    return this.#attach("porthos", programs);
  }

  sink(): Instance {
    return this.#attach("aramis", [["h_aramis", "ingress", compiled(sink, this.identity("aramis", "h_aramis"))]]);
  }

  /** Runs when the lab is closed, last come first. */
  onClose(run: () => void): void {
    this.#closing.push(run);
  }

  close(): void {
    for (const run of this.#closing.splice(0).toReversed()) run();
    for (const netns of this.#netns.values()) netns.close();
    labDown(this.name);
  }

  #attach(
    node: Musketeer,
    programs: readonly (readonly [device: string, direction: "ingress" | "egress", program: CompiledProgram])[],
  ): Instance {
    const instance = loadAll(programs.map(([, , program]) => program));
    if (instance.programs.some(({ compiled }) => compiled.maps.includes(taiOffset))) {
      instance.map(taiOffset).value = clockOffset("realtime", "tai").offsetNs;
    }
    const links = programs.map(([device, direction], index) => {
      const ifindex = this.ifindex(node, device);
      return instance.programs[index]!.attachTc({ ifindex, netns: this.node(node) }, { direction });
    });
    this.onClose(() => {
      for (const link of links) link.close();
      instance.close();
    });
    return instance;
  }
}

/** By what made the program, and from which configuration. */
const known = new Map<unknown, Map<string, CompiledProgram>>();

/** A file's labs are much the same, and compiling takes longer than laying one. */
const compiled = <Config>(make: (config: Config) => Program<"tc">, config: Config): CompiledProgram => {
  let programs = known.get(make);
  if (programs === undefined) known.set(make, (programs = new Map()));
  const key = inspect(config, { depth: null, maxArrayLength: null, maxStringLength: null });
  let program = programs.get(key);
  if (program === undefined) programs.set(key, (program = compile(make(config), { kernelTypes: kernelBtf() })));
  return program;
};
