import type { TransitReport } from "../../mark/ioam/control.ts";
import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { deviceWord, ioamRights, targetOf } from "../ioam-common.ts";

export const ioamTransitAdd = defineCommand({
  name: "ioam transit add",
  summary: "fill in the traces of packets that come in by an interface",
  description: [
    "Programs at tc write this node's data when a packet comes in, and complete egress id, queue depth and transit delay when it leaves by an interface with transit too. The rules are those of the kernel's own IOAM, which must be off on the interface. Ids and namespaces are those that the kernel holds: sysctl ioam6_id and hopmark ioam namespace.",
    "With --xdp a program in the driver fills the trace and sends the packet on by itself, where the kernel's routes and neighbours say: several times as fast, past the stack with its firewall and its queues. Queue depth and transit delay are then all ones. What it cannot forward (no neighbour yet, hop limit, too long, for this host, other options) it fills and leaves to the stack.",
    "With --next-hops besides it looks in a table of its own, as long as `hopmark ioam transit watch` keeps it; else it asks the kernel.",
  ],
  keywords: { dev: { ...deviceWord, description: "the interface that the packets come in by" } },
  options: {
    netns: netnsOption,
    xdp: { flag: "--xdp", description: "at XDP, the fast one, in place of tc" },
    nextHops: { flag: "--next-hops", description: "with a next-hop table, for hopmark ioam transit watch to keep" },
  },
  examples: ["hopmark ioam transit add dev h_porthos_a", "hopmark ioam transit add dev eth0 --xdp"],
  needs: ioamRights,
  run: async ({ dev, netns, xdp, nextHops }, { output }) => {
    const { addTransit } = await import("../../mark/ioam/control.ts");
    const report = addTransit(targetOf(dev, netns), { xdp, nextHops });
    for (const warning of report.warnings) output.note(`${dev}: ${warning}`);
    const value = { kind: "transit", device: dev, ...(report.xdp !== undefined && { xdp: report.xdp }) };
    output.print(value, () => `${dev}: transit node${placeText(report)}`);
    if (nextHops && !output.json) output.note(`keep its next hops: hopmark ioam transit watch dev ${dev}`);
  },
});

const placeText = ({ xdp }: TransitReport): string => {
  if (xdp === undefined) return "";
  return xdp.mode === "native" ? " at XDP" : " at XDP, in the stack (generic mode)";
};
