/** The programs in TypeScript that are measured against their peers in C: each does what its specification says. */
import { describe, expect, onTestFinished, test } from "vitest";
import { loadTwin } from "../../bench/compiler/load-twin.ts";
import type { LoadedContestant } from "../../bench/peers/loaded-contestant.ts";
import { twins } from "../../bench/compiler/twins.ts";
import { checkRepeats, checkSamples } from "../../bench/peers/check.ts";
import { specs } from "../../bench/peers/specs.ts";

const loaded = (name: string): LoadedContestant => {
  const twin = twins[name];
  if (twin === undefined) throw new Error(`there is no twin ${name}`);
  const program = loadTwin(twin);
  onTestFinished(() => program.close());
  return program;
};

describe.each(specs.map((spec) => [spec.name, spec] as const))("%s", (name, spec) => {
  test("gives the samples' verdicts, packets, counters and map values", () => {
    expect(checkSamples(spec, loaded(name))).toEqual([]);
  });

  test("does the same work each time that it is repeated", () => {
    expect(checkRepeats(spec, loaded(name), 1000)).toEqual([]);
  });
});
