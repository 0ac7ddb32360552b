/** IOAM: each program in ns a packet, and forwarding with traces against the kernel's own transit. */
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import { load } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { compile } from "../../src/compiler/compile.ts";
import type { Program } from "../../src/kernel/program.ts";
import { encap } from "../../src/mark/ioam/encap/encap.bpf.ts";
import { prefixHalves } from "../../src/mark/ioam/encap/options.ts";
import type { IoamInterface, IoamNode } from "../../src/mark/ioam/node.ts";
import { sinkRing } from "../../src/mark/ioam/sink/report.bpf.ts";
import { sink } from "../../src/mark/ioam/sink/sink.bpf.ts";
import { hopByHopLength } from "../../src/wire/ioam/hop-by-hop.ts";
import { openChain, type Chain } from "../ioam/chain.ts";
import { openForwarding, plainFrame, type ForwardingMode } from "../ioam/forwarding.ts";
import { encapAndSink, encapAndUndo, openAndClose, parseOnly, transitAndUndo } from "../ioam/programs.bpf.ts";
import { openXdpCost } from "../ioam/xdp-cost.ts";
import { compare, type Area, type Comparison } from "../row.ts";

const namespace = { id: 123, data: 0xdeadbeef, dataWide: 0xdeadbeef_cafedecan, schema: null };
const node: IoamNode = { id: 1, idWide: 1n, namespaces: [namespace] };
const device: IoamInterface = { id: 11, idWide: 11, network: 14 };
const SIZE = 84;
const config = {
  node,
  device,
  rules: [
    {
      prefix: prefixHalves("db02::/64"),
      traceType: 0xfe0000,
      namespace,
      size: SIZE,
      frequency: { packets: 1, of: 1 },
      mode: "inline" as const,
      tunnel: null,
      slot: 0,
      profile: 0,
    },
  ],
};
/** Words free in a trace that one node has filled. */
const FREE = 14;
const REPEAT = 200_000;
/** As many records as the sink's ring holds without a reader. */
const RECORDS = 2_500;
const FORWARDED = 200_000;
const THROUGH_CHAIN = 100_000;
const CHAIN_ROUNDS = 7;

export const area: Area = (report) => {
  const frame = plainFrame();
  const plain = { payloadLength: frame.length - 54, nextHeader: 17, inserted: hopByHopLength(SIZE) };
  const opened: LoadedProgram[] = [];
  const make = (program: Program): LoadedProgram => {
    const loaded = load(compile(program, { kernelTypes: kernelBtf() }));
    opened.push(loaded);
    return loaded;
  };
  try {
    const traced = make(encap(config)).testRun(frame).packet.slice();
    const [closing, parsing] = [make(openAndClose(plain)), make(parseOnly(FREE))];
    const [inserting, passing, ending] = [
      make(encapAndUndo(config, plain)),
      make(transitAndUndo({ node, device }, FREE)),
      make(encapAndSink(config, { node, device })),
    ];
    const run = (program: LoadedProgram, packet: Uint8Array, repeat = REPEAT): number => {
      const result = program.testRun(packet, { repeat });
      if (result.packet.length !== packet.length)
        throw new Error(`${program.name} left ${result.packet.length} bytes of ${packet.length}`);
      return result.durationNs;
    };
    const perPacket = { unit: "ns/packet", better: "lower" } as const satisfies Partial<Comparison>;
    report(
      compare({
        ...perPacket,
        name: "encap, and taking it off again",
        peerName: "opening and closing room",
        ours: () => run(inserting, frame),
        peer: () => run(closing, frame),
      }),
    );
    report(
      compare({
        ...perPacket,
        name: "transit at tc, ingress and egress",
        peerName: "finding the trace",
        ours: () => run(passing, traced),
        peer: () => run(parsing, traced),
      }),
    );
    const both = (): number => {
      ending.map(sinkRing).skip();
      return run(ending, frame, RECORDS);
    };
    report(
      compare({
        ...perPacket,
        name: "encap and sink, with its record",
        peerName: "opening and closing room",
        ours: both,
        peer: () => run(closing, frame),
      }),
    );
    atXdp(traced, report);
    chains(traced, report);
    forward(frame, traced, report);
  } finally {
    for (const loaded of opened) loaded.close();
  }
};

/** Transit at XDP beside the same forwarding without IOAM. */
const atXdp = (traced: Uint8Array, report: Parameters<Area>[0]): void => {
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
        ours: transit,
        peer: without,
      });
      report({ ...row, details: { "IOAM costs ns": row.ours - row.peer.value } });
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
