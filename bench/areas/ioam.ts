/** IOAM: each program in ns a packet, and forwarding with traces against the kernel's own transit. */
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import { encap } from "../../src/mark/ioam/encap/encap.bpf.ts";
import { sink } from "../../src/mark/ioam/sink/sink.bpf.ts";
import { openChain, type Chain } from "../ioam/chain.ts";
import { openForwarding, plainFrame, type ForwardingMode } from "../ioam/forwarding.ts";
import { atTc, device, node, ruleOf } from "../ioam/tc-cost.ts";
import { inTunnels } from "../ioam/tunnel-cost.ts";
import { openXdpCost } from "../ioam/xdp-cost.ts";
import { compare, type Area, type Comparison } from "../row.ts";

const FORWARDED = 200_000;
const THROUGH_CHAIN = 100_000;
const CHAIN_ROUNDS = 7;
/** Short ones: what IOAM costs is a few ns of a hundred, and a busy neighbour's time must fall on both sides alike. */
const XDP_ROUNDS = 61;

export const area: Area = (report) => {
  const frame = plainFrame();
  const traced = tracedFrame(frame);
  const clockNs = atTc(frame, report);
  inTunnels(frame, report);
  atXdp(traced, clockNs, report);
  chains(traced, report);
  forward(frame, traced, report);
};

/** As it comes to the node behind the one that encapsulates. */
const tracedFrame = (frame: Uint8Array): Uint8Array => {
  const loaded = load(compile(encap({ node, device, rules: [ruleOf()] }), { kernelTypes: kernelBtf() }));
  try {
    return loaded.testRun(frame).packet.slice();
  } finally {
    loaded.close();
  }
};

/** Transit at XDP beside the same forwarding without IOAM, which reads the clock too: for leases and neighbours. */
const atXdp = (traced: Uint8Array, clockNs: number, report: Parameters<Area>[0]): void => {
  const cost = openXdpCost(traced);
  try {
    const ways = [
      ["by the kernel's routes", cost.fib],
      ["by the next-hop table", cost.table],
    ] as const;
    for (const [words, { transit, forward: without }] of ways) {
      const row = compare({
        name: `transit at XDP, ${words}`,
        unit: "ns/packet",
        better: "lower",
        peerName: "the same forwarding without IOAM",
        rounds: XDP_ROUNDS,
        ours: transit,
        peer: without,
      });
      const { difference } = row;
      report({ ...row, details: { "IOAM costs ns": difference, "with a clock of its own": difference + clockNs } });
    }
  } finally {
    cost.close();
  }
};

/** The same veth chain with the kernel's transit in the middle, and with Hopmark's at XDP. */
const chains = (traced: Uint8Array, report: Parameters<Area>[0]): void => {
  const opened: Chain[] = [];
  const open = (mode: Parameters<typeof openChain>[0]): Chain => {
    const chain = openChain(mode, traced);
    opened.push(chain);
    return chain;
  };
  try {
    const kernel = open("kernel");
    const ways = [
      ["by the kernel's routes", open("xdp")],
      ["by the next-hop table", open("table")],
    ] as const;
    for (const [words, chain] of ways) {
      report(
        compare({
          name: `veth chain, Hopmark at XDP, ${words}`,
          unit: "packets/s",
          better: "higher",
          peerName: "the kernel's own transit",
          rounds: CHAIN_ROUNDS,
          ours: () => chain.rate(THROUGH_CHAIN),
          peer: () => kernel.rate(THROUGH_CHAIN),
        }),
      );
    }
  } finally {
    for (const chain of opened) chain.close();
  }
};

const forward = (plain: Uint8Array, traced: Uint8Array, report: Parameters<Area>[0]): void => {
  const forwarding = openForwarding({ plain, traced });
  try {
    const compileSink = (): number => {
      const start = performance.now();
      compile(sink({ node, device }), { kernelTypes: kernelBtf() });
      return performance.now() - start;
    };
    report(
      compare({
        name: "sink compiled, loaded, attached and pinned",
        unit: "ms",
        better: "lower",
        peerName: "compiling it alone",
        ours: () => forwarding.attach(),
        peer: compileSink,
      }),
    );
    const rate = (mode: ForwardingMode) => (): number => forwarding.rate(mode, FORWARDED);
    const perSecond = { unit: "packets/s", better: "higher" } as const satisfies Partial<Comparison>;
    report(
      compare({
        ...perSecond,
        name: "forwarding with traces, Hopmark at tc",
        peerName: "the kernel's own transit",
        ours: rate("hopmark"),
        peer: rate("kernel"),
      }),
    );
    report(
      compare({
        ...perSecond,
        name: "forwarding with traces, Hopmark at tc",
        peerName: "the same packets, traces ignored",
        ours: rate("hopmark"),
        peer: rate("ignored"),
      }),
    );
    report(
      compare({
        ...perSecond,
        name: "forwarding with traces, the kernel's own",
        peerName: "the same packets, traces ignored",
        ours: rate("kernel"),
        peer: rate("ignored"),
      }),
    );
  } finally {
    forwarding.close();
  }
};
