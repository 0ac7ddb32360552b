/** The programs in C that ours are measured against: each does what its specification says. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { buildPeer, clangVersion } from "../../bench/peers/build.ts";
import { checkRepeats, checkSamples } from "../../bench/peers/check.ts";
import { loadPeer } from "../../bench/peers/load-peer.ts";
import type { LoadedContestant } from "../../bench/peers/loaded-contestant.ts";
import type { Spec } from "../../bench/peers/spec.ts";
import { specs } from "../../bench/peers/specs.ts";

const absent = clangVersion() === undefined && process.env["CI"] === undefined;
const reason = absent ? " (skipped: clang is not installed)" : "";

const loaded = (spec: Spec): LoadedContestant => {
  const peer = loadPeer(spec);
  onTestFinished(() => peer.close());
  return peer;
};

describe.skipIf(absent).each(specs.map((spec) => [`${spec.name}${reason}`, spec] as const))("%s", (_, spec) => {
  test("gives the samples' verdicts, packets, counters and map values", () => {
    expect(checkSamples(spec, loaded(spec))).toEqual([]);
  });

  test("does the same work each time that it is repeated", () => {
    expect(checkRepeats(spec, loaded(spec), 1000)).toEqual([]);
  });
});

test("without clang it is said what to install", () => {
  vi.stubEnv("PATH", "/nonexistent");
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(clangVersion()).toBeUndefined();
  expect(() => buildPeer("parse-count")).toThrow(
    expect.objectContaining({ feature: "clang", hint: "apt-get install clang" }) as Error,
  );
});
