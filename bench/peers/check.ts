/** Holds a program against the samples of its specification. */
import type { KernelMap } from "../../src/bpf/maps/kernel-map.ts";
import type { Contestant, Sample, Spec } from "./spec.ts";

/** Runs the program on each sample; returns what was not as it should be, a line each. */
export const checkSamples = (spec: Spec, contestant: Contestant): string[] => {
  spec.prepare?.(contestant);
  return spec.samples.flatMap((sample) => checkSample(sample, contestant).map((line) => `${sample.name}: ${line}`));
};

/**
 * Runs the repeatable program `times` on the first sample, as the timing does: each run must do the work of the first, and
 * leave a packet that the next one finds as it was.
 */
export const checkRepeats = (spec: Spec, contestant: Contestant, times: number): string[] => {
  const [sample] = spec.samples;
  if (sample === undefined) return ["there is no sample"];
  spec.prepare?.(contestant);
  sample.before?.(contestant);
  // What the first runs change for good, all others find changed.
  const { packet: settled } = contestant.repeat.testRun(sample.packet, { repeat: 2 });
  const before = readCounters(contestant.map("counters"));
  const { verdict, packet } = contestant.repeat.testRun(settled, { repeat: times });
  return [
    ...wrongVerdict(verdict, sample),
    ...wrongPacket(packet, settled, sample),
    ...wrongCounts(growth(contestant, before), sample, times),
  ];
};

const checkSample = (sample: Sample, contestant: Contestant): string[] => {
  sample.before?.(contestant);
  const before = readCounters(contestant.map("counters"));
  const { verdict, packet } = contestant.program.testRun(sample.packet);
  return [
    ...wrongVerdict(verdict, sample),
    ...wrongPacket(packet, sample.after ?? sample.packet, sample),
    ...wrongCounts(growth(contestant, before), sample, 1),
    ...(sample.values ?? []).flatMap(({ map, key, value }) =>
      difference(`${map}[${key}]`, hex(elementOf(contestant.map(map), key)), hex(value)),
    ),
  ];
};

const wrongVerdict = (verdict: number, sample: Sample): string[] =>
  difference("verdict", String(verdict), String(sample.verdict));

const wrongPacket = (packet: Uint8Array, wanted: Uint8Array, { clock = [] }: Sample): string[] => {
  const hidingClock = (bytes: Uint8Array): string => {
    const copy = Uint8Array.from(bytes);
    for (const { start, end } of clock) copy.fill(0, start, end);
    return hex(copy);
  };
  return difference("packet", hidingClock(packet), hidingClock(wanted));
};

const wrongCounts = (grown: Growth, { counts }: Sample, times: number): string[] => {
  const wanted = Object.entries(counts)
    .map(([index, words]): Growth[number] => [Number(index), words.map((word) => word * times)])
    .filter(([, words]) => words.some((word) => word !== 0));
  return difference("growth of counters", JSON.stringify(grown), JSON.stringify(wanted));
};

const difference = (what: string, found: string, wanted: string): string[] =>
  found === wanted ? [] : [`${what} is\n  ${found}, not\n  ${wanted}`];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Counters that grew, and by how much. */
type Growth = (readonly [index: number, words: readonly number[]])[];

const growth = (contestant: Contestant, before: readonly (readonly bigint[])[]): Growth =>
  readCounters(contestant.map("counters"))
    .map((words, index) => [index, words.map((word, at) => Number(word - (before[index]?.[at] ?? 0n)))] as const)
    .filter(([, words]) => words.some((word) => word !== 0));

/** For each element of a per-CPU array, its 8-byte words, summed over CPUs. */
const readCounters = (map: KernelMap): bigint[][] =>
  Array.from({ length: map.info.entries }, (_, index) => {
    const value = elementOf(map, index);
    const view = new DataView(value.buffer, value.byteOffset, value.length);
    const words = Array.from({ length: map.stride / 8 }, () => 0n);
    for (let at = 0; at < value.length; at += 8) {
      const word = (at % map.stride) / 8;
      words[word] = (words[word] ?? 0n) + view.getBigUint64(at, true);
    }
    return words;
  });

const elementOf = (map: KernelMap, index: number): Uint8Array => {
  new DataView(map.key.buffer, map.key.byteOffset).setUint32(0, index, true);
  if (!map.lookup()) throw new Error(`${map.name} has no element ${index}`);
  return map.value;
};
