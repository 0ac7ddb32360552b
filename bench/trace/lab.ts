/**
 * `hopmark trace` as people run it, on a terminal, following traces that come through a lab: packets with traces cross a veth pair to
 * aramis' sink, which strips them and reports; the command reads the ring. Nothing may be lost that is not counted.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import { labDown, labUp, musketeers, openNode } from "../../src/lab/index.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";
import { addSink, deleteSink, openSink, type Target } from "../../src/mark/ioam/control.ts";
import { TraceRecord } from "../../src/mark/ioam/record.ts";
import { indexOf } from "../ioam/forwarding.ts";
import { median, type Row } from "../row.ts";
import { end } from "./generator.bpf.ts";
import { TraceGenerator } from "./generator.ts";

/** Offered, a second. */
const RATE = 140_000;
const SECONDS = 3;
const ROUNDS = 3;
const hopmark = fileURLToPath(new URL("../../bin/hopmark.js", import.meta.url));

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
  const generator = new TraceGenerator(porthos, { name: "h_porthos_b", index: indexOf(porthos, "h_porthos_b") });
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
  generator: TraceGenerator,
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

interface Command {
  readonly pid: number;
  /** Ends it, with Ctrl-C. */
  stop(): Promise<void>;
}

/** `script` is the terminal. */
const startOnTerminal = async (words: readonly string[]): Promise<Command> => {
  const line = ["stty cols 200 rows 50; exec", process.execPath, hopmark, ...words].join(" ");
  const terminal = spawn("script", ["-qefc", line, "/dev/null"], { stdio: ["pipe", "ignore", "inherit"] });
  const closed = once(terminal, "close");
  let pid = 0;
  await until(() => (pid = childOf(terminal.pid ?? 0)) !== 0);
  // Until it has started and waits for traces.
  let last = 0;
  await until(() => {
    const now = cpuNs(pid);
    const waits = now > START_NS && now - last < IDLE_NS;
    last = now;
    return waits;
  });
  return {
    pid,
    stop: async () => {
      process.kill(pid, "SIGINT");
      const [status] = (await closed) as (number | null)[];
      if (status !== 0) throw new Error(`hopmark ${words.join(" ")} ended with ${status}`);
    },
  };
};

/** What Node.js alone takes; what a command that waits takes between two looks. */
const [START_NS, IDLE_NS] = [60e6, 5e6];
const LOOK_MS = 100;
const PATIENCE_MS = 20_000;

const until = async (is: () => boolean): Promise<void> => {
  for (const limit = performance.now() + PATIENCE_MS; !is(); await sleep(LOOK_MS))
    if (performance.now() > limit) throw new Error(`not so after ${PATIENCE_MS} ms`);
};

/** 0 when it has none. */
const childOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);

/** Of all threads of a process. */
const cpuNs = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
    0,
  );
