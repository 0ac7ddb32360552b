/** A slice of the fuzzer for every test run: always the same thousand programs. `npm run fuzz` looks further. */
import { expect, test } from "vitest";
import { pinTests } from "../support/pinned-file.ts";
import { pinToOneCpu } from "./pin-cpu.ts";
import { formatFailure } from "./report.ts";
import { fuzz } from "./session.ts";

const PROGRAMS = 1000;
const SEED = 1;
/** Of a hundred programs the language refuses so many at most, and the verifier gives up on so many. */
const REFUSED = 5;
const TOO_COMPLEX = 1;

pinTests();

test(`${PROGRAMS} random programs do in the kernel what they do in V8`, async () => {
  const failures: string[] = [];
  const summary = await fuzz({
    seed: SEED,
    from: 0,
    to: PROGRAMS,
    cpu: pinToOneCpu(),
    reduceMs: 5000,
    maxFailures: 3,
    onFailure: (report) => failures.push(formatFailure(report)),
  });
  expect(failures.join("\n\n")).toBe("");
  const refused = [...summary.refused.values()].reduce((sum, count) => sum + count, 0);
  expect(refused).toBeLessThanOrEqual((PROGRAMS * REFUSED) / 100);
  expect(summary.tooComplex).toBeLessThanOrEqual((PROGRAMS * TOO_COMPLEX) / 100);
  expect(summary.programs).toBe(PROGRAMS);
  expect(summary.inputs).toBe(6 * (PROGRAMS - refused - summary.tooComplex));
}, 300_000);
