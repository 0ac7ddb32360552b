/** One forwarding node, twice: as the Linux kernel's own IOAM fills traces, and as Hopmark does. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { frameOfCase } from "../../src/cli/conformance/run-conformance.ts";
import { TransitLab } from "../../src/cli/conformance/transit-lab.ts";
import { PAYLOAD, ruleGroups } from "../../src/mark/ioam/conformance/cases.ts";
import { differencesOf, newValues, type Difference } from "../../src/mark/ioam/conformance/compare.ts";
import { concat, frame, HOP_BY_HOP_AT, traceHeader } from "../../src/mark/ioam/conformance/frames.ts";
import { knownDifference, knownDifferences } from "../../src/mark/ioam/conformance/known-differences.ts";
import { outcomeNames } from "../../src/mark/ioam/outcome.ts";
import { mutatedFrame } from "../../src/mark/ioam/test-support/mutated.ts";
import { toHex } from "../../src/wire/hex.ts";

const cases = ruleGroups.flatMap((group) => group.cases);
const mutations = Number(process.env["IOAM_MUTATIONS"] ?? 1500);
const seed = Number(process.env["IOAM_SEED"] ?? Date.now() & 0xffff_ffff);

const linearBytes = [14, 20, 53, 54, 55, 61, 62, 63, 66, 100, 317, 318, 400];
/** 264 bytes; the entry is written at its end. */
const longHeader = traceHeader({ traceType: 0xfff000, data: new Uint8Array(244) });

const hopLimits = [64, 2];
const ruled = hopLimits.flatMap((hopLimit) => cases.map((own) => frameOfCase(own, hopLimit)));
const mutated = fc.sample(mutatedFrame({ cut: true }), { numRuns: mutations, seed });
// All of them but the first bytes in other pages, as drivers hand over what they receive.
const paged = linearBytes.map(() =>
  concat([
    frame({ hopByHop: longHeader, payloadLength: longHeader.length + 5000, payload: new Uint8Array(PAYLOAD) }),
    new Uint8Array(5000 - PAYLOAD),
  ]),
);
const frames = [...ruled, ...mutated, ...paged];
const names = [
  ...hopLimits.flatMap((hopLimit) => cases.map(({ name }) => `${name}, hop limit ${hopLimit}`)),
  ...mutated.map((own, index) => `mutation ${index} of seed ${seed}, ${toHex(own, HOP_BY_HOP_AT)}`),
  ...linearBytes.map((linear) => `${linear} bytes linear`),
];

let lab: TransitLab;
let byKernel: (Uint8Array | null)[];
let byHopmark: (Uint8Array | null)[];
let counted: Record<string, number>;
let started: number;
let ended: number;

beforeAll(async () => {
  started = Math.floor(Date.now() / 1000);
  lab = new TransitLab(`hm-transit-${process.pid}`);
  const passAll = async (afterRules: () => void): Promise<(Uint8Array | null)[]> => {
    const outputs = await lab.pass(ruled);
    afterRules();
    outputs.push(...(await lab.pass(mutated)));
    for (const [index, linear] of linearBytes.entries()) outputs.push(...(await lab.pass([paged[index]!], { linear })));
    return outputs;
  };
  lab.use("kernel");
  byKernel = await passAll(() => {});
  lab.use("tc");
  byHopmark = await passAll(() => (counted = lab.counted()));
  ended = Math.ceil(Date.now() / 1000);
}, 60_000);

afterAll(() => lab.close());

/** What both wrote into new entries. */
const valuesOf = (outputs: readonly (Uint8Array | null)[]): { name: string; value: string }[] =>
  outputs.flatMap((output, index) => (output === null ? [] : newValues(frames[index]!, output)));

test("write and drop the same, but for what is meant to differ", () => {
  const known = new Set<string>();
  const unexplained: (Difference & { readonly packet: string })[] = [];
  for (const [index, given] of frames.entries()) {
    for (const difference of differencesOf(given, byKernel[index]!, byHopmark[index]!)) {
      const meant = knownDifference(difference, "tc");
      if (meant === undefined) unexplained.push({ packet: names[index]!, ...difference });
      else known.add(meant.what);
    }
  }
  expect(unexplained).toEqual([]);
  // Which second it is differs when one begins between the two.
  known.add("timestampSeconds");
  expect(known).toEqual(new Set(knownDifferences.filter(({ nodes }) => nodes.includes("tc")).map(({ what }) => what)));
});

test("tell the time; only Hopmark knows how long a packet stayed", () => {
  for (const outputs of [byKernel, byHopmark]) {
    const of = (name: string): number[] =>
      valuesOf(outputs).flatMap((own) => (own.name === name ? [Number(own.value)] : []));
    expect(of("timestampSeconds").length).toBeGreaterThan(100);
    for (const seconds of of("timestampSeconds")) expect(seconds >= started && seconds <= ended).toBe(true);
    for (const fraction of of("timestampFraction")) expect(fraction).toBeLessThan(1_000_000);
    for (const delayNs of of("transitDelayNs")) {
      if (outputs === byKernel) expect(delayNs).toBe(0xffff_ffff);
      else expect(delayNs > 0 && delayNs < 1_000_000_000).toBe(true);
    }
  }
});

test("fills and drops a good part of all mutations, and every frame in pages", () => {
  const of = [...mutated.keys()].map((index) => ({
    given: mutated[index]!,
    output: byKernel[ruled.length + index] ?? null,
  }));
  const filled = of.filter(({ given, output }) => output !== null && newValues(given, output).length > 0);
  expect(filled.length / mutations).toBeGreaterThan(0.03);
  expect(of.filter(({ output }) => output === null).length / mutations).toBeGreaterThan(0.1);
  for (const output of byKernel.slice(-paged.length)) {
    expect(output === null ? 0 : newValues(paged[0]!, output).length).toBe(16);
  }
});

test("each outcome has its name", () => {
  const expected: Record<string, number> = Object.fromEntries(outcomeNames.map((outcome) => [outcome, 0]));
  for (const index of ruled.keys()) {
    // Frames that do not come out are tried twice.
    const times = byHopmark[index] === null ? 2 : 1;
    for (const outcome of cases[index % cases.length]!.outcome.split("+")) expected[outcome]! += times;
  }
  expect(counted).toEqual(expected);
});
