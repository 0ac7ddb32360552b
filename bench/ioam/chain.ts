/**
 * The three-node lab as a chain of veth pairs: frames with traces leave athos by XDP, come in at porthos as from a driver, and are
 * counted at aramis. Each kind of transit has a lab of its own, so that rounds can alternate.
 */
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import { labDown, labUp, musketeers, openNode } from "../../src/lab/index.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";
import { writeSysctl } from "../../src/linux/sysctl.ts";
import { addTransit, deleteTransit, NextHopKeeper } from "../../src/mark/ioam/control.ts";
import { ATHOS, droppedBy, FREE, FREE_AFTER, indexOf, PORTHOS } from "./forwarding.ts";
import { arrived, receive } from "./forwarding.bpf.ts";
import { cross } from "./xdp-programs.bpf.ts";

export type ChainMode = "kernel" | "xdp" | "table";

/** Packets a second that come through. */
export interface Chain {
  rate(packets: number): number;
  close(): void;
}

/** Without a packet: all are through or lost; too long. */
const QUIET_NS = 20_000_000n;
const PATIENCE_NS = 2_000_000_000n;

export const openChain = (mode: ChainMode, frame: Uint8Array): Chain => {
  const lab = `chain-${mode}-${process.pid}`;
  const owner = processIdentity();
  labUp(musketeers({ xdp: true }), lab, owner === undefined ? {} : { owner });
  const [athos, porthos, aramis] = ["athos", "porthos", "aramis"].map((node) => openNode(lab, node));
  const target = { device: "h_porthos_a", netns: `${lab}-porthos` };
  const undo = { source: ATHOS, destination: PORTHOS, remainingLength: FREE };
  const sender = load(compile(cross(indexOf(athos!, "h_athos"), undo)));
  const receiver = load(compile(receive(FREE_AFTER)));
  const end = receiver.attachXdp({ ifindex: indexOf(aramis!, "h_aramis"), netns: aramis });
  if (mode === "kernel") writeSysctl(porthos!, "net/ipv6/conf/h_porthos_a/ioam6_enabled", 1);
  else addTransit(target, { xdp: true, nextHops: mode === "table" });
  const keeper = mode === "table" ? new NextHopKeeper(target) : undefined;
  const counts = (): { packets: bigint; filled: bigint } => receiver.map(arrived).sum(0) ?? { packets: 0n, filled: 0n };
  const dropped = (): number => droppedBy(porthos!, "h_porthos_a", "in") + droppedBy(aramis!, "h_aramis", "in");
  return {
    rate(packets) {
      // Nobody's event loop runs while a benchmark measures.
      keeper?.renew();
      const before = counts();
      const droppedBefore = dropped();
      const start = process.hrtime.bigint();
      sender.sendLiveFrames(frame, { repeat: packets, netns: athos!, batch: 64 });
      let [now, last] = [counts(), start];
      const arrivedOf = (): number => Number(now.packets - before.packets);
      for (let seen = -1; arrivedOf() < packets; now = counts()) {
        const time = process.hrtime.bigint();
        if (arrivedOf() > seen) [seen, last] = [arrivedOf(), time];
        // A veth drops, and counts, what its far end takes too slowly: lost to the rate, but not to the account.
        else if (time - last > QUIET_NS && arrivedOf() + dropped() - droppedBefore === packets) break;
        if (time - last > PATIENCE_NS) throw new Error(`${mode}: ${arrivedOf()} of ${packets} packets came through`);
      }
      const elapsed = (arrivedOf() === packets ? process.hrtime.bigint() : last) - start;
      const filled = Number(now.filled - before.filled);
      if (filled !== arrivedOf()) throw new Error(`${mode}: ${filled} of ${arrivedOf()} traces were filled`);
      return (arrivedOf() * 1e9) / Number(elapsed);
    },
    close() {
      keeper?.close();
      if (mode !== "kernel") deleteTransit(target);
      end.close();
      sender.close();
      receiver.close();
      for (const node of [athos, porthos, aramis]) node?.close();
      labDown(lab);
    },
  };
};
