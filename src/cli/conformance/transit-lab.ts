/** One forwarding node between two ends that send and see frames as they are: a node to be put to the test. */
import { HopmarkError } from "../../errors.ts";
import { labDown, labUp, musketeers, namespaceName, openNode, type Topology } from "../../lab/index.ts";
import type { Netns } from "../../linux/netns.ts";
import { PacketSocket } from "../../linux/packet-socket.ts";
import { processIdentity } from "../../linux/process-identity.ts";
import { linkByName } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { writeSysctl } from "../../linux/sysctl.ts";
import { addTransit, deleteTransit, showIoam } from "../../mark/ioam/control.ts";
import { frame } from "../../mark/ioam/conformance/frames.ts";
import type { HopmarkNode } from "../../mark/ioam/conformance/known-differences.ts";

/** Who fills traces on the node: nobody, the kernel's own IOAM, Hopmark at tc or at XDP. */
export type TransitNode = "nobody" | "kernel" | HopmarkNode;

const DEVICES = ["h_porthos_a", "h_porthos_b"] as const;
/** Frames under way at once. */
const BATCH = 32;
/** A busy machine takes its time; when nothing is lost, nobody waits. */
const LATEST_MS = 5000;
const ADDRESSES_AT = 22;
const ADDRESSES_END = 54;
const SENTINEL = 0xf_ffff;

export class TransitLab {
  readonly name: string;
  readonly #node: Netns;
  readonly #near: PacketSocket;
  readonly #far: PacketSocket;
  /** Ends what {@link use} began. */
  readonly #using: (() => void)[] = [];

  /** Builds it; it is gone after {@link close}, or when the process has gone. */
  constructor(name: string) {
    this.name = name;
    const owner = processIdentity();
    labUp(nodeOfEveryField(musketeers({ xdp: true })), name, owner === undefined ? {} : { owner });
    const opened: { close(): void }[] = [];
    const keep = <T extends { close(): void }>(one: T): T => {
      opened.push(one);
      return one;
    };
    try {
      this.#node = keep(openNode(name, "porthos"));
      this.#near = keep(openEnd(name, "athos", "h_athos", { protocol: 0, virtioHeader: true }));
      this.#far = keep(openEnd(name, "aramis", "h_aramis", {}));
    } catch (error) {
      for (const one of opened) one.close();
      labDown(name);
      throw error;
    }
  }

  /** Makes the node fill traces in one way, and in no other. */
  use(transit: TransitNode): void {
    for (const undo of this.#using.splice(0)) undo();
    for (const device of DEVICES) {
      if (transit === "kernel") this.#useKernel(device);
      else if (transit !== "nobody") this.#useHopmark(device, transit);
    }
  }

  /** What Hopmark's programs on the node counted, of all devices. */
  counted(): Record<string, number> {
    const sum: Record<string, number> = {};
    for (const { counters } of showIoam(namespaceName(this.name, "porthos"))) {
      for (const [name, value] of Object.entries(counters)) sum[name] = (sum[name] ?? 0) + Number(value);
    }
    return sum;
  }

  /**
   * Sends frames through the node, from their Ethernet header on, whose addresses and flow labels it overwrites; returns
   * what came out of each, null where nothing did. Only the first `linear` bytes of frames longer than a page lie in one piece.
   */
  async pass(
    frames: readonly Uint8Array[],
    { signal, linear = 0 }: { readonly signal?: AbortSignal; readonly linear?: number } = {},
  ): Promise<(Uint8Array | null)[]> {
    const outputs: (Uint8Array | null)[] = frames.map(() => null);
    for (const [index, own] of frames.entries()) address(own, index);
    for (let start = 0; start < frames.length; start += BATCH) {
      const batch = [...frames.keys()].slice(start, start + BATCH);
      this.#send(batch, frames, outputs, linear);
      // Whoever is missing now may have been overtaken.
      for (const index of batch) if (outputs[index] === null) this.#send([index], frames, outputs, linear);
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    }
    return outputs;
  }

  close(): void {
    this.use("nobody");
    for (const one of [this.#near, this.#far, this.#node]) one.close();
    labDown(this.name);
  }

  #useKernel(device: string): void {
    const enable = (value: number): void => writeSysctl(this.#node, `net/ipv6/conf/${device}/ioam6_enabled`, value);
    enable(1);
    this.#using.push(() => enable(0));
  }

  #useHopmark(device: string, transit: HopmarkNode): void {
    const target = { device, netns: namespaceName(this.name, "porthos") };
    addTransit(target, { xdp: transit === "xdp" });
    this.#using.push(() => deleteTransit(target));
  }

  /** Sends these, then a frame without a trace, and takes what comes until that one does. */
  #send(
    indices: readonly number[],
    frames: readonly Uint8Array[],
    outputs: (Uint8Array | null)[],
    linear: number,
  ): void {
    for (const index of indices) this.#near.send(frames[index]!, linear);
    this.#near.send(address(frame(), SENTINEL));
    for (;;) {
      const came = this.#far.next(LATEST_MS);
      if (came === null) {
        throw new HopmarkError(
          "conformance",
          `the node under test forwards nothing: frame ${indices[0]} and those after it`,
          {
            hint: "the lab's namespaces were changed meanwhile, or the machine is too busy: try again",
          },
        );
      }
      const label = flowLabel(came);
      // The nodes have words of their own for each other, under label 0.
      if (!isOurs(came)) continue;
      if (label === SENTINEL) return;
      if (label < outputs.length) outputs[label] = came;
    }
  }
}

/** The middle node with something in every field that it can fill, and links for long frames. */
const nodeOfEveryField = (topology: Topology): Topology => ({
  nodes: {
    ...topology.nodes,
    porthos: {
      ...topology.nodes["porthos"],
      ioam: {
        id: 2,
        idWide: "0x1a1b1c1d1e1f20",
        namespaces: [
          { id: 123, data: 0xdeadbeef, dataWide: "0xdeadbeefcafedeca" },
          { id: 7, data: 0x01020304, dataWide: "0x05060708090a0b0c", schema: 9 },
          { id: 0 },
        ],
        schemas: [{ id: 9, text: "ten bytes." }],
      },
    },
  },
  links: topology.links.map(({ ends: [first, second] }) => ({
    ends: [
      { ...first, mtu: 9000, ioamIdWide: 0x3132_3300 + (first.ioamId ?? 0) },
      { ...second, mtu: 9000, ioamIdWide: 0x3132_3300 + (second.ioamId ?? 0) },
    ],
  })),
});

const openEnd = (
  lab: string,
  node: string,
  device: string,
  options: ConstructorParameters<typeof PacketSocket>[2],
): PacketSocket => {
  const netns = openNode(lab, node);
  try {
    const route = openRtnetlink(netns);
    try {
      return new PacketSocket(netns, linkByName(route, device).index, options);
    } finally {
      route.close();
    }
  } finally {
    netns.close();
  }
};

const model = frame({ sourceMac: "2e:fe:7c:b0:c7:72", destinationMac: "2e:fe:7c:b0:c7:21" });

/** Puts a frame on its way to the far end, under a flow label that finds it again. */
const address = (own: Uint8Array, label: number): Uint8Array => {
  own.set(model.subarray(0, 15));
  own.set([((own[15] ?? 0) & 0xf0) | (label >> 16), (label >> 8) & 0xff, label & 0xff], 15);
  return own;
};

/** By its addresses. */
const isOurs = (came: Uint8Array): boolean => {
  for (let at = ADDRESSES_AT; at < ADDRESSES_END; at++) if (came[at] !== model[at]) return false;
  return true;
};

const flowLabel = (bytes: Uint8Array): number => ((bytes[15]! & 15) << 16) | (bytes[16]! << 8) | bytes[17]!;
