/**
 * Modes encap and auto in ns a packet, in porthos of a lab, whose routes they ask. The kernel puts an outer header in front of a
 * packet once, so that runs cannot be repeated on one: each packet is one call, and the program finds caches as others left them.
 */
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import { load } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { skbTestContext } from "../../src/bpf/test-run.ts";
import { compile } from "../../src/compiler/compile.ts";
import type { Program } from "../../src/kernel/program.ts";
import { labDown, labUp, musketeers, openNode } from "../../src/lab/index.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";
import { EncapCounter, encapCounters } from "../../src/mark/ioam/encap/counters.ts";
import { encap } from "../../src/mark/ioam/encap/encap.bpf.ts";
import type { EncapRule } from "../../src/mark/ioam/encap/rule.ts";
import { ipv6 } from "../../src/wire/address.ts";
import { hopByHopLength } from "../../src/wire/ioam/hop-by-hop.ts";
import { compare, median, type Area } from "../row.ts";
import { indexOf } from "./forwarding.ts";
import { empty } from "./programs.bpf.ts";
import { device, node, ruleOf, SIZE } from "./tc-cost.ts";

const PACKETS = 300;
const OUTER_BYTES = 40;

export const inTunnels = (frame: Uint8Array, report: Parameters<Area>[0]): void => {
  const lab = `tunnel${process.pid}`;
  const owner = processIdentity();
  labUp(musketeers(), lab, owner === undefined ? {} : { owner });
  const porthos = openNode(lab, "porthos");
  const opened: LoadedProgram[] = [];
  const make = (program: Program): LoadedProgram => {
    const loaded = load(compile(program, { kernelTypes: kernelBtf() }));
    opened.push(loaded);
    return loaded;
  };
  const [ingress, ifindex] = [indexOf(porthos, "h_porthos_a"), indexOf(porthos, "h_porthos_b")];
  const tunnel = {
    source: ipv6("db02::1"),
    destination: ipv6("db02::2"),
    ifindex,
    egress: { id: 22, idWide: 22, network: 14 },
    mtu: 1500,
  };
  const each = (program: LoadedProgram, context: Uint8Array, inserted: number): (() => number) => {
    const sent = (): number => Number(program.map(encapCounters).sum(EncapCounter.Sent)?.value ?? 0n);
    return () => {
      const before = inserted === 0 ? 0 : sent();
      const durations = Array.from({ length: PACKETS }, () => {
        const { durationNs, packet } = program.testRun(frame, { context, netns: porthos });
        if (packet.length !== frame.length + inserted)
          throw new Error(`${program.name} made ${packet.length} bytes of ${frame.length}`);
        return durationNs;
      });
      const done = inserted === 0 ? PACKETS : sent() - before;
      if (done !== PACKETS) throw new Error(`${program.name} sent ${done} of ${PACKETS} packets`);
      return median(durations);
    };
  };
  try {
    const nothing = make(empty);
    const forwarded = skbTestContext({ ifindex, ingressIfindex: ingress });
    const own = skbTestContext({ ifindex });
    const rows: readonly [name: string, changes: Partial<EncapRule>, context: Uint8Array, outer: number][] = [
      ["mode inline, packet by packet", {}, forwarded, 0],
      ["mode encap, packet by packet", { mode: "encap", tunnel }, forwarded, OUTER_BYTES],
      ["mode auto, forwarded, packet by packet", { mode: "auto", tunnel }, forwarded, OUTER_BYTES],
      ["mode auto, the node's own, packet by packet", { mode: "auto", tunnel }, own, 0],
    ];
    for (const [name, changes, context, outer] of rows) {
      const program = make(encap({ node, device, rules: [ruleOf(changes)] }));
      report(
        compare({
          name,
          unit: "ns/packet",
          better: "lower",
          peerName: "an empty program, as often",
          ours: each(program, context, outer + hopByHopLength(SIZE)),
          peer: each(nothing, context, 0),
        }),
      );
    }
  } finally {
    for (const loaded of opened) loaded.close();
    porthos.close();
    labDown(lab);
  }
};
