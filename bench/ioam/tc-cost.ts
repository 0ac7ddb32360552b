/** IOAM's programs at tc, in ns a packet. What a run did is counted by the programs themselves, and compared. */
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import { load } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { compile } from "../../src/compiler/compile.ts";
import type { PerCpuArrayMap } from "../../src/kernel/maps.ts";
import type { Program } from "../../src/kernel/program.ts";
import { EncapCounter, encapCounters } from "../../src/mark/ioam/encap/counters.ts";
import { encap } from "../../src/mark/ioam/encap/encap.bpf.ts";
import { prefixHalves } from "../../src/mark/ioam/encap/options.ts";
import type { EncapConfig, EncapRule } from "../../src/mark/ioam/encap/rule.ts";
import { ExportCounter, exportCounters, exportRing, exportWanted } from "../../src/mark/ioam/export/counters.ts";
import { exportEgress, exportIngress } from "../../src/mark/ioam/export/dex.bpf.ts";
import type { IoamInterface, IoamNode } from "../../src/mark/ioam/node.ts";
import { Outcome } from "../../src/mark/ioam/outcome.ts";
import { SinkCounter, sinkCounters } from "../../src/mark/ioam/sink/counters.ts";
import { e2eStreams } from "../../src/mark/ioam/sink/e2e-streams.bpf.ts";
import { sinkRing } from "../../src/mark/ioam/sink/report.bpf.ts";
import { transitCounters } from "../../src/mark/ioam/transit/transit.bpf.ts";
import { directExportShape, edgeToEdgeShape, hopByHopLength } from "../../src/wire/ioam/hop-by-hop.ts";
import { compare, type Area, type Comparison, type Row } from "../row.ts";
import { FREE } from "./forwarding.ts";
import {
  empty,
  encapAndSink,
  encapAndUndo,
  openAndClose,
  parseOnly,
  readClock,
  transitAndUndo,
} from "./programs.bpf.ts";

export const namespace = { id: 123, data: 0xdeadbeef, dataWide: 0xdeadbeef_cafedecan, schema: null };
export const node: IoamNode = { id: 1, idWide: 1n, namespaces: [namespace] };
export const device: IoamInterface = { id: 11, idWide: 11, network: 14 };
export const SIZE = 84;

export const ruleOf = (changes: Partial<EncapRule> = {}): EncapRule => ({
  prefix: prefixHalves("db02::/64"),
  traceType: 0xfe0000,
  namespace,
  size: SIZE,
  frequency: { packets: 1, of: 1 },
  mode: "inline",
  tunnel: null,
  slot: 0,
  profile: 0,
  ...changes,
});
const configOf = (changes: Partial<EncapRule> = {}): EncapConfig => ({ node, device, rules: [ruleOf(changes)] });

const REPEAT = 200_000;
/** As many records as the sink's ring holds without a reader, and the exporter's. */
const RECORDS = 2_500;
const REPORTS = 1_200;
/** Of a Hop-by-Hop header with both options. */
const NUMBERED_BYTES = hopByHopLength(SIZE) + edgeToEdgeShape.bytes;

const perPacket = { unit: "ns/packet", better: "lower" } as const satisfies Partial<Comparison>;

/** Returns what reading the clock costs. */
export const atTc = (frame: Uint8Array, report: Parameters<Area>[0]): number => {
  const opened: LoadedProgram[] = [];
  const make = (program: Program): LoadedProgram => {
    const loaded = load(compile(program, { kernelTypes: kernelBtf() }));
    opened.push(loaded);
    return loaded;
  };
  /** ns a packet; `done` counts packets that the program has worked on. */
  const measure = (program: LoadedProgram, packet: Uint8Array, repeat: number, done: (() => number) | null): number => {
    const before = done?.() ?? 0;
    const result = program.testRun(packet, { repeat });
    if (result.packet.length !== packet.length)
      throw new Error(`${program.name} left ${result.packet.length} bytes of ${packet.length}`);
    const worked = (done?.() ?? repeat) - before;
    if (worked !== repeat) throw new Error(`${program.name} worked on ${worked} of ${repeat} packets`);
    return result.durationNs;
  };
  const counted =
    (program: LoadedProgram, map: PerCpuArrayMap<{ value: bigint }>, index: number): (() => number) =>
    () =>
      Number(program.map(map).sum(index)?.value ?? 0n);
  const row = (name: string, peerName: string, ours: () => number, peer: () => number): Row => {
    const measured = compare({ ...perPacket, name, peerName, ours, peer });
    report(measured);
    return measured;
  };

  try {
    const plain = { payloadLength: frame.length - 54, nextHeader: 17 };
    const opening = (inserted: number): (() => number) => {
      const program = make(openAndClose({ ...plain, inserted }));
      return () => measure(program, frame, REPEAT, null);
    };
    const inserting = (changes: Partial<EncapRule>, inserted: number): (() => number) => {
      const program = make(encapAndUndo(configOf(changes), { ...plain, inserted }));
      const done = counted(program, encapCounters, EncapCounter.Sent);
      return () => measure(program, frame, REPEAT, done);
    };
    const [nothing, clock] = [make(empty), make(readClock)];
    const clockRow = row(
      "reading the clock (TAI)",
      "an empty program",
      () => measure(clock, frame, REPEAT, null),
      () => measure(nothing, frame, REPEAT, null),
    );
    const opened1 = opening(hopByHopLength(SIZE));
    row("encap, and taking it off again", ROOM, inserting({}, hopByHopLength(SIZE)), opened1);

    const traced = make(encap(configOf())).testRun(frame).packet.slice();
    const passing = make(transitAndUndo({ node, device }, FREE));
    const filled = counted(passing, transitCounters, Outcome.Filled);
    const parsing = make(parseOnly(FREE));
    row(
      "transit at tc, ingress and egress",
      "finding the trace",
      () => measure(passing, traced, REPEAT, filled),
      () => measure(parsing, traced, REPEAT, null),
    );

    const ending = make(encapAndSink(configOf(), { node, device }));
    const received = counted(ending, sinkCounters, SinkCounter.received);
    row(
      "encap and sink, with its record",
      ROOM,
      () => {
        ending.map(sinkRing).skip();
        return measure(ending, frame, RECORDS, received);
      },
      opened1,
    );

    const numbers = { numbers: { origin: 1, first: 0 } };
    const openedForTwo = opening(NUMBERED_BYTES);
    row("encap with sequence numbers, and taking it off again", ROOM, inserting(numbers, NUMBERED_BYTES), openedForTwo);
    const counting = make(encapAndSink(configOf(numbers), { node, device, e2e: true }));
    const streamed = (): number => Number(counting.map(e2eStreams).get(0)?.received ?? 0n);
    row(
      "encap and sink, with record and sequence numbers",
      ROOM,
      () => {
        counting.map(sinkRing).skip();
        return measure(counting, frame, RECORDS, streamed);
      },
      openedForTwo,
    );

    const asking = { directExport: { flowId: 1, counter: 0 } };
    const askingBytes = directExportShape.bytes + 4;
    row("encap of Direct Export, and taking it off again", ROOM, inserting(asking, askingBytes), opening(askingBytes));
    const asked = make(encap(configOf(asking)))
      .testRun(frame)
      .packet.slice();
    for (const [name, program] of [
      ["Direct Export, on arrival", exportIngress({ node, device })],
      ["Direct Export, on leaving", exportEgress({ node, device })],
    ] as const) {
      const exporting = make(program);
      exporting.map(exportWanted).value = (1n << 64n) - 1n;
      const exported = counted(exporting, exportCounters, ExportCounter.exported);
      row(
        name,
        "an empty program",
        () => {
          exporting.map(exportRing).skip();
          return measure(exporting, asked, REPORTS, exported);
        },
        () => measure(nothing, asked, REPORTS, null),
      );
    }
    return clockRow.ours - clockRow.peer.value;
  } finally {
    for (const loaded of opened) loaded.close();
  }
};

const ROOM = "opening and closing room";
