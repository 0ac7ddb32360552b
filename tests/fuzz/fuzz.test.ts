/**
 * A slice of the fuzzer for every test run: always the same thousand programs. `npm run fuzz` looks further. And what of the
 * language and the library is in them: `npm run fuzz -- --features` shows it as a table.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { pinTests } from "../support/pinned-file.ts";
import { FeatureCount } from "./features/count.ts";
import { elsewhere, files } from "./features/elsewhere.ts";
import { pinToOneCpu } from "./pin-cpu.ts";
import { formatFailure } from "./report.ts";
import { fuzz } from "./session.ts";

const PROGRAMS = 1000;
const SEED = 1;
/** Of a hundred programs the language refuses so many at most, and the verifier gives up on so many. */
const REFUSED = 5;
const TOO_COMPLEX = 1;

pinTests();

const count = new FeatureCount(1);

test(`${PROGRAMS} random programs do in the kernel what they do in V8`, async () => {
  const failures: string[] = [];
  const summary = await fuzz({
    seed: SEED,
    from: 0,
    to: PROGRAMS,
    cpu: pinToOneCpu(),
    reduceMs: 5000,
    maxFailures: 3,
    onProgram: (text) => count.add(text),
    onFailure: (report) => failures.push(formatFailure(report)),
  });
  expect(failures.join("\n\n")).toBe("");
  const refused = [...summary.refused.values()].reduce((sum, count) => sum + count, 0);
  expect(refused).toBeLessThanOrEqual((PROGRAMS * REFUSED) / 100);
  expect(summary.tooComplex).toBeLessThanOrEqual((PROGRAMS * TOO_COMPLEX) / 100);
  expect(summary.programs).toBe(PROGRAMS);
  expect(summary.inputs).toBe(6 * (PROGRAMS - refused - summary.tooComplex));
}, 300_000);

test("each feature is in random programs, or it is said which test looks at it", () => {
  const written = count.features.filter((feature) => count.of(feature) > 0);
  const others = count.features.filter((feature) => count.of(feature) === 0);
  expect(others.filter((feature) => elsewhere(feature) === undefined).map(({ name }) => name)).toEqual([]);
  expect(written.filter((feature) => elsewhere(feature) !== undefined).map(({ name }) => name)).toEqual([]);
});

test.each(files)("%s looks at %s", (file, names) => {
  const text = withImports(file);
  const words = names.flatMap((name) => (typeof name === "string" ? [name.replace(/^.*\W/, "")] : []));
  expect(words.filter((word) => !new RegExp(`\\b${word}\\b`).test(text))).toEqual([]);
});

/** The text of a test, and of the programs that it imports. */
const withImports = (file: string): string => {
  const text = readFileSync(file, "utf8");
  const programs = [...text.matchAll(/from "(\.[^"]*\.bpf\.ts)"/g)].map(([, path = ""]) => join(dirname(file), path));
  return [text, ...programs.map((path) => readFileSync(path, "utf8"))].join("\n");
};
