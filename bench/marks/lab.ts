/**
 * `hopmark impair` and `hopmark marks` as people run them, in processes of their own, on the wall clock: marked packets cross a lab's
 * link, some of them harmed by plan. What the one says it did to which packets the other must have found, number by number.
 */
import { isDeepStrictEqual } from "node:util";
import type { MarksSummary } from "../../src/cli/marks/marks-text.ts";
import type { HarmReport } from "../../src/lab/impair/hit-list.ts";
import { labDown, labUp, openNode, pair, type ImpairReport } from "../../src/lab/index.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";
import { openMarkedFrames } from "../../tests/support/marked-frames.ts";
import { linkIn } from "../ioam/forwarding.ts";
import { cpuNs, startWithJson } from "../live-command.ts";
import { median, type Row } from "../row.ts";

/** Offered, a second; what is claimed. */
const RATE = 230_000;
const GOAL = 200_000;
const PACKETS = 800_000;
const ROUNDS = 3;
const harms = ["--loss", "1%x3", "--duplicate", "every:500+7", "--reorder", "every:1000+100", "--behind", "20"];

interface Round {
  readonly perSecond: number;
  readonly marksNs: number;
  readonly impairNs: number;
  readonly harmed: number;
}

export const labRow = async (): Promise<Row> => {
  const lab = `marks${process.pid}`;
  const owner = processIdentity();
  labUp(pair(), lab, owner === undefined ? {} : { owner });
  const [left, right] = [openNode(lab, "left"), openNode(lab, "right")];
  const frames = openMarkedFrames({
    netns: left,
    ifindex: linkIn(left, "h_left").index,
    toMac: linkIn(right, "h_right").mac,
    source: "10.0.0.1",
    // Nobody's: an answer (ICMP: no such port) to each of them would cost more than what is measured.
    destination: "10.0.0.9",
    perSecond: RATE,
  });
  const round = async (): Promise<Round> => {
    const place = ["h_right", "--netns", `${lab}-right`];
    const impair = await startWithJson(["impair", ...place, ...harms, "--match", "marked"]);
    const marks = await startWithJson(["marks", ...place]);
    const before = [cpuNs(marks.pid), cpuNs(impair.pid)] as const;
    const first = Number(frames.next);
    const elapsedNs = frames.send(PACKETS);
    const after = [cpuNs(marks.pid), cpuNs(impair.pid)] as const;
    const harmed = lastObject<ImpairReport>(await impair.stop());
    const found = lastObject<MarksSummary>(await marks.stop());
    check(harmed, found, first);
    return {
      perSecond: (PACKETS * 1e9) / elapsedNs,
      marksNs: (after[0] - before[0]) / PACKETS,
      impairNs: (after[1] - before[1]) / PACKETS,
      harmed: harmed.loss.packets + harmed.duplicate.packets + harmed.reorder.packets,
    };
  };
  try {
    const rounds: Round[] = [];
    for (let count = 0; count < ROUNDS; count++) rounds.push(await round());
    const rates = rounds.map(({ perSecond }) => perSecond);
    return {
      name: "hopmark marks behind hopmark impair, wall clock",
      unit: "packets/s",
      ours: median(rates),
      peer: { name: "the goal", value: GOAL },
      ratio: median(rates) / GOAL,
      spread: (Math.max(...rates) - Math.min(...rates)) / median(rates),
      rounds: ROUNDS,
      better: "higher",
      details: {
        "packets a round": PACKETS,
        "of them harmed and found, number by number": Math.round(median(rounds.map(({ harmed }) => harmed))),
        differences: 0,
        "ns CPU of marks a packet": Math.round(median(rounds.map(({ marksNs }) => marksNs))),
        "of impair": Math.round(median(rounds.map(({ impairNs }) => impairNs))),
      },
    };
  } finally {
    frames.close();
    left.close();
    right.close();
    labDown(lab);
  }
};

const lastObject = <T>(text: string): T => JSON.parse(text.trimEnd().split("\n").at(-1) ?? "") as T;

/** Numbers that were lost before the first that came, or after the last, no gap tells: the plan spares those. */
const check = (harmed: ImpairReport, { live, streams }: MarksSummary, first: number): void => {
  const [stream] = streams;
  if (streams.length !== 1 || stream === undefined) throw new Error(`${streams.length} streams`);
  if (live?.lost !== 0 || live.read !== live.seen) throw new Error(`not told of all: ${JSON.stringify(live)}`);
  const { matched, unlisted, notCopied, notHeld } = harmed;
  if (matched !== PACKETS || unlisted + notCopied + notHeld > 0)
    throw new Error(`of ${PACKETS} packets ${matched} came to impair; ${unlisted} unlisted, ${notCopied}, ${notHeld}`);
  const lists: readonly [string, HarmReport, readonly (readonly [number, number])[]][] = [
    ["lost", harmed.loss, stream.lostSeqs],
    ["doubled", harmed.duplicate, stream.duplicatedSeqs],
    ["reordered", harmed.reorder, stream.reorderedSeqs],
  ];
  for (const [name, { packets, indices, marks, complete }, found] of lists) {
    const shifted = indices.map(([from, to]) => [from + first, to + first]);
    if (packets === 0 || !complete || !stream.complete)
      throw new Error(`${name}: ${packets} packets, lists not complete`);
    if (!isDeepStrictEqual(marks[0]?.seqs, shifted))
      throw new Error(`${name}: packets came to impair in another order`);
    if (!isDeepStrictEqual(found, shifted)) throw new Error(`${name}: marks found others than impair harmed`);
  }
};
