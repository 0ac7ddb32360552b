/** Where traces end, without numbers and with them. */
import type { LoadedProgram } from "../../../src/bpf/loaded-program.ts";
import { Tc } from "../../../src/kernel/context.ts";
import { sinkCounterNames, sinkCounters } from "../../../src/mark/ioam/sink/counters.ts";
import { e2eIndex, e2eStreams, e2eUsed } from "../../../src/mark/ioam/sink/e2e-streams.bpf.ts";
import { sinkRing } from "../../../src/mark/ioam/sink/report.bpf.ts";
import { sink } from "../../../src/mark/ioam/sink/sink.bpf.ts";
import { TraceRecord } from "../../../src/mark/ioam/record.ts";
import { device, node } from "../../../src/mark/ioam/test-support/nodes.ts";
import { fieldOf } from "../../../src/wire/codec.ts";
import { strippedRight } from "./invariants.ts";
import { numberedHeader } from "./numbered-header.ts";
import { outcomesRight } from "./outcomes.ts";
import { mutatedPacket } from "./packets.ts";
import { countersOf, named, sumOf, type Counted, type Subject, type Tally } from "./subject.ts";

const mustName = named(Tc.Next, Tc.Drop);

const ended = (counted: Counted, tally: Tally, records: number): string => {
  const received = counted["received"] ?? 0;
  const reported = received - (counted["ringFull"] ?? 0);
  const kept = sumOf(counted, ["notStripped", "otherOptionsKept"]);
  if (records !== reported) return `${reported} records counted, ${records} came`;
  // Options that ask for reports are taken off, too.
  const ended = received + (counted["notATrace"] ?? 0);
  if (tally.resized > ended) return `${tally.resized} packets stripped, ${ended} options taken off`;
  if (tally.resized + kept > tally.packets) return `${tally.resized} packets stripped and ${kept} kept`;
  return outcomesRight(counted, tally);
};

const shared = {
  drop: Tc.Drop,
  counters: countersOf(sinkCounters, sinkCounterNames),
  ring: sinkRing,
  check: (given: Uint8Array, verdict: number, output: Uint8Array): string =>
    mustName(verdict) || strippedRight(given, output),
};

const E2E_TYPE_AT = fieldOf(TraceRecord, "e2eType").bitOffset / 8;
/** Looks at the counters between two looks at the streams, which are large. */
const LOOKS = 3;

/** What the streams say of all packets since they were emptied. */
class Streams {
  #numbered = 0;
  #refused = 0;
  #packets = 0;
  #looks = 0;

  note(isNumbered: boolean): void {
    if (isNumbered) this.#numbered++;
  }

  look(counted: Counted, tally: Tally, kernel: LoadedProgram): string {
    this.#packets += tally.packets;
    this.#refused += sumOf(counted, ["e2eStreamsFull", "e2eContended"]);
    if (++this.#looks % LOOKS !== 0) return "";
    const [index, streams, used] = [kernel.map(e2eIndex), kernel.map(e2eStreams), kernel.map(e2eUsed)];
    let counts = this.#refused;
    for (const [, { value }] of index) {
      const stream = streams.get(value);
      if (stream === undefined) return `stream ${value} is not there`;
      const { next, first, received, repeated, reordered, late } = stream;
      counts += Number(received + repeated + late);
      if (received > next - first || reordered >= received)
        return `of numbers ${first} to ${next} came ${received}, ${reordered} of them reordered`;
      streams.set(value, empty);
    }
    index.deleteAll([...index.keys()]);
    used.value = 0;
    const [numbered, packets] = [this.#numbered, this.#packets];
    this.#numbered = this.#refused = this.#packets = 0;
    if (counts < numbered) return `${numbered} records of numbered packets, ${counts} counted`;
    return counts > packets ? `${counts} numbers counted in ${packets} packets` : "";
  }
}

const empty = {
  next: 0n,
  first: 0n,
  received: 0n,
  repeated: 0n,
  reordered: 0n,
  late: 0n,
  window: Array.from({ length: 256 }, () => 0n),
};

const streams = new Streams();

export const sinkSubjects: readonly Subject[] = [
  {
    ...shared,
    name: "sink",
    program: sink({ node, device }),
    packet: (random) => mutatedPacket(random),
    checkCounters: ended,
  },
  {
    ...shared,
    name: "sink e2e",
    program: sink({ node, device, e2e: true }),
    packet: (random) => (random.chance(0.1) ? mutatedPacket(random) : mutatedPacket(random, numberedHeader(random))),
    record: (view, offset) => streams.note(view.getUint16(offset + E2E_TYPE_AT, true) !== 0),
    checkCounters: (counted, tally, records, kernel) =>
      ended(counted, tally, records) || streams.look(counted, tally, kernel),
  },
];
