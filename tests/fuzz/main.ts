/**
 * `npm run fuzz -- --programs N --seed S [--from K | --only K] [--inputs N] [--keep-going] [--print] [--features]`: random kernel programs
 * must do in the kernel what they do in V8. Needs root and the build (`npm run build`).
 */
import { parseArgs } from "node:util";
import { FeatureCount } from "./features/count.ts";
import { formatFeatures } from "./features/elsewhere.ts";
import { generateModule } from "./generate/program.ts";
import { pinToOneCpu } from "./pin-cpu.ts";
import { formatDetails, formatFailure, formatSummary } from "./report.ts";
import { fuzz, type Summary } from "./session.ts";

const { values } = parseArgs({
  options: {
    programs: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    only: { type: "string" },
    inputs: { type: "string" },
    /** Go on after a failure. */
    "keep-going": { type: "boolean", default: false },
    /** Print which features of language and library how many of the programs have, and do nothing else. */
    features: { type: "boolean", default: false },
    /** Print the programs and do nothing else. */
    print: { type: "boolean", default: false },
  },
});

const integer = (name: string, text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`fuzz: --${name} ${text} is not a whole number from 0 on`);
  process.exit(2);
};

const seed = integer("seed", values.seed);
const from = integer(values.only === undefined ? "from" : "only", values.only ?? values.from);
const to = from + (values.only === undefined ? integer("programs", values.programs) : 1);

if (values.print) {
  for (let index = from; index < to; index++) console.log(generateModule(seed, index));
  process.exit(0);
}

if (values.features) {
  const count = new FeatureCount();
  for (let index = from; index < to; index++) count.add(generateModule(seed, index));
  console.log(formatFeatures(count));
  process.exit(0);
}

const PROGRESS_MS = 5000;
let last = performance.now();
const progress = (summary: Summary): void => {
  if (performance.now() - last < PROGRESS_MS) return;
  last = performance.now();
  console.error(`… ${formatSummary(summary)}`);
};

const started = performance.now();
const summary = await fuzz({
  seed,
  from,
  to,
  cpu: pinToOneCpu(),
  ...(values.inputs === undefined ? {} : { inputs: integer("inputs", values.inputs) }),
  ...(values["keep-going"] ? {} : { maxFailures: 1 }),
  onProgress: progress,
  onFailure: (report) => console.log(`${formatFailure(report)}\n`),
});
console.error(formatDetails(summary));
console.error(`${((performance.now() - started) / 1000).toFixed(1)} s`);
console.log(formatSummary(summary));
process.exitCode = summary.failures === 0 ? 0 : 1;
