/**
 * Our code against clang's: the same programs in TypeScript and in ordinary C (bench/peers), timed by TEST_RUN. The floor is the
 * time of an empty program of the same type, in the same rounds: no compiler can go below it. The net ratio is that of what the
 * programs themselves take, and is what the goal is about; the gross one is told beside it.
 */
import { load } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { compile } from "../../src/compiler/compile.ts";
import { checkRepeats, checkSamples } from "../peers/check.ts";
import { loadPeer } from "../peers/load-peer.ts";
import { specs } from "../peers/specs.ts";
import type { Contestant, Spec } from "../peers/spec.ts";
import { compare, median, quantile, type Row } from "../row.ts";
import { loadTwin } from "./load-twin.ts";
import { nsPerPacket } from "./measure.ts";
import { emptyOf } from "./programs.bpf.ts";
import { twins } from "./twins.ts";

/** Long enough for what a call of TEST_RUN costs by itself not to count, short enough for most not to be interrupted. */
const REPEAT = 60_000;
const ROUNDS = 151;
/** Of rounds on a shared machine: what disturbs one only ever makes it longer. */
const UNDISTURBED = 0.1;
/** Of the net ratios' median. */
const GOAL = 0.85;
const CHECKED_REPEATS = 1000;

/**
 * Times all pairs, and the median over them.
 * @throws Error when a side did not do its work; UnsupportedError `clang`
 */
export const againstC = (report: (row: Row) => void): void => {
  const rows = specs.map((spec) => {
    const row = comparePair(spec);
    report(row);
    return row;
  });
  const over = (value: (row: Row) => number): number => median(rows.map(value));
  report({
    name: "median over the programs",
    unit: "ns/packet",
    ours: over(({ ours }) => ours),
    peer: { name: "clang -O2 -mcpu=v3", value: over(({ peer }) => peer.value) },
    ratio: over(({ ratio }) => ratio),
    spread: over(({ spread }) => spread),
    rounds: ROUNDS,
    better: "lower",
    details: {
      "net ratio": over(({ details }) => details?.["net ratio"] ?? 1),
      "its goal": GOAL,
      "ratio if ours took nothing": over(({ details, peer }) => (details?.["floor"] ?? 0) / peer.value),
    },
  });
};

const comparePair = (spec: Spec): Row => {
  const twin = twins[spec.name];
  if (twin === undefined) throw new Error(`${spec.name} has no counterpart in TypeScript`);
  const ours = loadTwin(twin);
  const peer = loadPeer(spec);
  const empty = load(compile(emptyOf(ours.program.compiled.type)));
  try {
    for (const side of [ours, peer]) check(spec, side);
    const { packet } = spec.samples[0]!;
    const times: { floor: number; ours: number; peer: number }[] = [];
    const row = compare({
      name: spec.name,
      unit: "ns/packet",
      better: "lower",
      peerName: "clang -O2 -mcpu=v3",
      rounds: ROUNDS,
      ours: () => {
        const floor = nsPerPacket(empty, packet, REPEAT);
        const own = nsPerPacket(ours.repeat, packet, REPEAT);
        times.push({ floor, ours: own, peer: NaN });
        return own;
      },
      peer: () => (times.at(-1)!.peer = nsPerPacket(peer.repeat, packet, REPEAT)),
    });
    // The first round only warms up.
    const counted = times.slice(1);
    const undisturbed = (side: "floor" | "ours" | "peer"): number =>
      quantile(
        counted.map((round) => round[side]),
        UNDISTURBED,
      );
    const floor = undisturbed("floor");
    const net = (undisturbed("ours") - floor) / (undisturbed("peer") - floor);
    return { ...row, details: { floor, "net ratio": net, ...countsOf(ours.program, peer.program) } };
  } finally {
    empty.close();
    ours.close();
    peer.close();
  }
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
