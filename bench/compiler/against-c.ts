/**
 * Our code against clang's: the same programs in TypeScript and in ordinary C (bench/peers), timed by TEST_RUN. The floor is the
 * time of an empty program of the same type, in the same rounds: no compiler can go below it. The net ratio is that of what the
 * programs themselves take, and is what the goal is about; the gross one is told beside it. Each side is loaded again and
 * again: where in memory the kernel happens to put a program makes a few ns, of some 5 or 10 that most of these take.
 */
import { load } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { compile } from "../../src/compiler/compile.ts";
import { checkRepeats, checkSamples } from "../peers/check.ts";
import { buildPeer } from "../peers/build.ts";
import { loadPeer } from "../peers/load-peer.ts";
import type { LoadedContestant } from "../peers/loaded-contestant.ts";
import { specs } from "../peers/specs.ts";
import type { Contestant, Spec } from "../peers/spec.ts";
import { median, quantile, rowOf, type Row } from "../row.ts";
import { HeldPrograms } from "./held-programs.ts";
import { loadTwin } from "./load-twin.ts";
import { nsInBurst } from "./measure.ts";
import { emptyOf } from "./programs.bpf.ts";
import { twins } from "./twins.ts";

/** Places in memory that each side is tried at. */
const PLACES = 9;
/** Bursts of each side at each place. */
const ROUNDS = 151;
/** Of rounds on a shared machine: what disturbs one only ever makes it longer. */
const UNDISTURBED = 0.05;
/** Of the net ratios' median. */
const GOAL = 0.85;
const CHECKED_REPEATS = 1000;

/**
 * Times all pairs, and the median over them.
 * @throws Error when a side did not do its work; UnsupportedError `clang`
 */
export const againstC = (report: (row: Row) => void): void => {
  const fourth = load(compile(emptyOf("xdp")));
  const rows: Row[] = [];
  const held = new HeldPrograms(fourth);
  try {
    for (const spec of specs) {
      const row = comparePair(spec, held);
      report(row);
      rows.push(row);
    }
  } finally {
    held.close();
    fourth.close();
  }
  const over = (value: (row: Row) => number): number => median(rows.map(value));
  report({
    name: "median over the programs",
    unit: "ns/packet",
    ours: over(({ ours }) => ours),
    peer: { name: "clang -O2 -mcpu=v3", value: over(({ peer }) => peer.value) },
    ratio: over(({ ratio }) => ratio),
    spread: over(({ spread }) => spread),
    rounds: PLACES,
    better: "lower",
    details: {
      "net ratio": over(({ details }) => details?.["net ratio"] ?? 1),
      "its goal": GOAL,
      "ratio if ours took nothing": over(({ details, peer }) => (details?.["floor"] ?? 0) / peer.value),
    },
  });
};

const comparePair = (spec: Spec, held: HeldPrograms): Row => {
  const twin = twins[spec.name];
  if (twin === undefined) throw new Error(`${spec.name} has no counterpart in TypeScript`);
  const object = buildPeer(spec.name);
  // What was closed would leave its place to the next.
  const open: { close: () => void }[] = [];
  const kept = <T extends { close: () => void }>(loaded: T): T => (open.push(loaded), loaded);
  try {
    const places = Array.from({ length: PLACES }, () => {
      const [ours, peer] = [kept(loadTwin(twin)), kept(loadPeer(spec, object))];
      return timesAtOnePlace(spec, kept(load(compile(emptyOf(ours.program.compiled.type)))), ours, peer, held);
    });
    const over = (value: (times: Times) => number): number => median(places.map(value));
    const row = rowOf({ name: spec.name, unit: "ns/packet", better: "lower", peerName: "clang -O2 -mcpu=v3" }, places);
    return {
      ...row,
      details: {
        floor: over(({ floor }) => floor),
        "net ratio": over(({ floor, ours, peer }) => (ours - floor) / (peer - floor)),
        ...places[0]!.counts,
      },
    };
  } finally {
    for (const each of open) each.close();
  }
};

/** ns a packet, undisturbed. */
interface Times {
  readonly floor: number;
  readonly ours: number;
  readonly peer: number;
  readonly counts: Readonly<Record<string, number>>;
}

const timesAtOnePlace = (
  spec: Spec,
  empty: LoadedProgram,
  ours: LoadedContestant,
  peer: LoadedContestant,
  held: HeldPrograms,
): Times => {
  for (const side of [ours, peer]) check(spec, side);
  const { packet } = spec.samples[0]!;
  const programs = [empty, ours.repeat, peer.repeat] as const;
  const [floor, own, other] = held.while(programs, () => {
    const times = programs.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round++)
      programs.forEach((program, at) => times[at]!.push(nsInBurst(program, packet)));
    return times.map((each) => quantile(each, UNDISTURBED)) as [number, number, number];
  });
  return { floor, ours: own, peer: other, counts: countsOf(ours.program, peer.program) };
};

const countsOf = (ours: LoadedProgram, peer: LoadedProgram): Record<string, number> => ({
  instructions: instructions(ours),
  "clang's": instructions(peer),
  verified: ours.info().verifiedInstructions,
  "clang's verified": peer.info().verifiedInstructions,
});

/** Leaves maps and variables as the timed sample wants them. */
const check = (spec: Spec, side: Contestant): void => {
  const wrong = [...checkSamples(spec, side), ...checkRepeats(spec, side, CHECKED_REPEATS)];
  if (wrong.length > 0) throw new Error(`${spec.name}, ${side.program.name}:\n${wrong.join("\n")}`);
};

const instructions = (program: LoadedProgram): number => program.compiled.code.instructions.length / 8;
