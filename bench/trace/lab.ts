/**
 * `hopmark trace` as people run it, on a terminal, following traces that come through a lab: packets with traces cross a veth pair to
 * aramis' sink, which strips them and reports; the command reads the ring. Nothing may be lost that is not counted.
 */
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import { labDown, labUp, musketeers, openNode } from "../../src/lab/index.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";
import { addSink, deleteSink, openSink, type Target } from "../../src/mark/ioam/control.ts";
import { TraceRecord } from "../../src/mark/ioam/record.ts";
import { indexOf } from "../ioam/forwarding.ts";
import type { FrameGenerator } from "../live/frame-generator.ts";
import { end } from "../live/generator.bpf.ts";
import { cpuNs, startOnTerminal, until } from "../live-command.ts";
import { median, type Row } from "../row.ts";
import { traceGenerator } from "./generator.ts";

/** Offered, a second. */
const RATE = 140_000;
const SECONDS = 3;
const ROUNDS = 3;

interface Round {
  readonly perSecond: number;
  readonly ringFull: number;
  /** Of the command's whole process, ns a trace. */
  readonly cpuNs: number;
}

/** CPU time of a trace followed live, against a summary alone. */
export const labRow = async (): Promise<Row> => {
  const lab = `trace${process.pid}`;
  const owner = processIdentity();
  labUp(musketeers({ xdp: true }), lab, owner === undefined ? {} : { owner });
  const [porthos, aramis] = [openNode(lab, "porthos"), openNode(lab, "aramis")];
  const target = { device: "h_aramis", netns: `${lab}-aramis` };
  addSink(target);
  const behind = load(compile(end));
  const device = { ifindex: indexOf(aramis, "h_aramis"), netns: aramis };
  const attachment = behind.attachTc(device, { direction: "ingress" });
  const generator = traceGenerator(porthos, { name: "h_porthos_b", index: indexOf(porthos, "h_porthos_b") });
  try {
    const words = ["trace", "h_aramis", "--netns", target.netns];
    await round(generator, target, words, 1);
    const pairs: (readonly [live: Round, alone: Round])[] = [];
    for (let count = 0; count < ROUNDS; count++)
      pairs.push([
        await round(generator, target, words, SECONDS),
        await round(generator, target, [...words, "--summary"], SECONDS),
      ]);
    const live = pairs.map(([one]) => one);
    const ratios = pairs.map(([one, other]) => one.cpuNs / other.cpuNs);
    return {
      name: "hopmark trace on a terminal, through a lab",
      unit: "ns CPU/trace",
      ours: median(live.map(({ cpuNs }) => cpuNs)),
      peer: { name: "without a picture", value: median(pairs.map(([, { cpuNs }]) => cpuNs)) },
      ratio: median(ratios),
      spread: (Math.max(...ratios) - Math.min(...ratios)) / median(ratios),
      rounds: ROUNDS,
      better: "lower",
      details: {
        "traces/s": Math.round(median(live.map(({ perSecond }) => perSecond))),
        "found the ring full": live.reduce((sum, { ringFull }) => sum + ringFull, 0),
        "lost uncounted": 0,
      },
    };
  } finally {
    generator.close();
    attachment.close();
    behind.close();
    deleteSink(target);
    porthos.close();
    aramis.close();
    labDown(lab);
  }
};

const round = async (
  generator: FrameGenerator,
  target: Target,
  words: readonly string[],
  seconds: number,
): Promise<Round> => {
  const command = await startOnTerminal(words);
  const before = countsOf(target);
  const [delivered, cpu, start] = [generator.delivered, cpuNs(command.pid), performance.now()];
  await generator.run(RATE, seconds);
  const elapsed = performance.now() - start;
  // What is still in the ring costs, too.
  await until(() => countsOf(target).waitingBytes === 0);
  const used = cpuNs(command.pid) - cpu;
  const after = countsOf(target);
  await command.stop();
  const traces = after.received - before.received;
  const sent = generator.delivered - delivered;
  const ringFull = after.ringFull - before.ringFull;
  const read = (after.writtenBytes - before.writtenBytes) / RECORD_BYTES;
  if (traces !== sent) throw new Error(`${sent} packets delivered, ${traces} of them counted by the sink`);
  if (read !== traces - ringFull) throw new Error(`${traces} traces, ${ringFull} without room, ${read} read`);
  return { perSecond: (traces * 1000) / elapsed, ringFull, cpuNs: used / read };
};

/** With the ring's own header, whole eights. */
const RECORD_BYTES = (TraceRecord.size + 8 + 7) & ~7;

const countsOf = (target: Target) => {
  const sink = openSink(target);
  try {
    const { received = 0n, ringFull = 0n } = sink.counts();
    const { waitingBytes, writtenBytes } = sink.reader;
    return { received: Number(received), ringFull: Number(ringFull), waitingBytes, writtenBytes };
  } finally {
    sink.close();
  }
};
