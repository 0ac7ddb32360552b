/** `hopmark ioam transit add|change|replace`. */
import type { TransitReport, Verb } from "../../mark/ioam/control.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { deviceWord, ioamRights, targetOf } from "../ioam-common.ts";

const summaries: Readonly<Record<Verb, string>> = {
  add: "fill in the traces of packets that come in by an interface",
  change: "move transit between tc and XDP, or give it a next-hop table, while packets come",
  replace: "change transit, or add it where there is none",
};

const descriptions: Readonly<Record<Verb, readonly string[]>> = {
  add: [
    "Programs at tc write this node's data when a packet comes in, and complete egress id, queue depth and transit delay when it leaves by an interface with transit too. The rules are those of the kernel's own IOAM, which must be off on the interface. Ids and namespaces are those that the kernel holds: sysctl ioam6_id and hopmark ioam namespace.",
    "With --xdp a program in the driver fills the trace and sends the packet on by itself, where the kernel's routes and neighbours say: several times as fast, past the stack with its firewall and its queues. Queue depth and transit delay are then all ones. What it cannot forward (no neighbour yet, hop limit, too long, for this host, other options) it fills and leaves to the stack.",
    "With --next-hops besides it looks in a table of its own, as long as `hopmark ioam transit watch` keeps it; else it asks the kernel.",
  ],
  change: [
    "What is said is how the transit node is from now on: without --xdp it is at tc. Packets and counters go on; between two hooks a few packets may pass without an entry. Some drivers start their interface anew when a program comes to XDP or leaves it, and lose packets by that.",
  ],
  replace: [
    "As `hopmark ioam transit change` where there is transit, as `hopmark ioam transit add` where there is none.",
  ],
};

export const transitCommand = (verb: Verb): Command =>
  defineCommand({
    name: `ioam transit ${verb}`,
    summary: summaries[verb],
    description: descriptions[verb],
    keywords: { dev: { ...deviceWord, description: "the interface that the packets come in by" } },
    options: {
      netns: netnsOption,
      xdp: { flag: "--xdp", description: "at XDP, the fast one, in place of tc" },
      nextHops: { flag: "--next-hops", description: "with a next-hop table, for hopmark ioam transit watch to keep" },
    },
    examples: [`hopmark ioam transit ${verb} dev h_porthos_a`, `hopmark ioam transit ${verb} dev eth0 --xdp`],
    needs: ioamRights,
    run: async ({ dev, netns, xdp, nextHops }, { output }) => {
      const { addTransit } = await import("../../mark/ioam/control.ts");
      const report = addTransit(targetOf(dev, netns), { xdp, nextHops }, verb);
      for (const warning of report.warnings) output.note(`${dev}: ${warning}`);
      const value = {
        kind: "transit",
        device: dev,
        changed: report.changed,
        ...(report.xdp !== undefined && { xdp: report.xdp }),
      };
      output.print(value, () => `${dev}: transit node${placeText(report)}`);
      if (nextHops && !output.json) output.note(`keep its next hops: hopmark ioam transit watch dev ${dev}`);
    },
  });

const placeText = ({ xdp }: TransitReport): string => {
  if (xdp === undefined) return "";
  return xdp.mode === "native" ? " at XDP" : " at XDP, in the stack (generic mode)";
};
