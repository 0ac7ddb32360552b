/**
 * `npm run soak -- ioam --packets N --seed S [--only PROGRAM] [--v8-every K] [--jobs J]`: random packets through every kernel program
 * of IOAM; none may come out with a wrong length or checksum, or under a verdict without a name. With J jobs each program's packets
 * are divided among as many seeds, from S on. Needs root and the build.
 */
import { parseArgs } from "node:util";
import { pinToOneCpu } from "../fuzz/pin-cpu.ts";
import { runPieces } from "./jobs.ts";
import { soak } from "./ioam/session.ts";
import { subjects } from "./ioam/subjects.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    packets: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    "v8-every": { type: "string", default: "500" },
    jobs: { type: "string", default: "1" },
    cpu: { type: "string", default: "0" },
  },
});

const usage = (message: string): never => {
  console.error(`soak: ${message}`);
  process.exit(2);
};
const integer = (name: string, text: string): number => {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : usage(`--${name} ${text} is not a whole number from 1 on`);
};

if (positionals.join(" ") !== "ioam") usage("say what: npm run soak -- ioam");
const { only } = values;
const chosen = subjects.filter(({ name }) => only === undefined || name === only);
if (chosen.length === 0) usage(`--only ${only}: there are ${subjects.map(({ name }) => name).join(", ")}`);

const PROGRESS_MS = 5000;
const packets = integer("packets", values.packets);
const seed = integer("seed", values.seed);
const jobs = integer("jobs", values.jobs);
if (jobs > 1) {
  const piece = ["--packets", String(Math.ceil(packets / jobs)), "--v8-every", values["v8-every"]];
  const pieces = chosen.flatMap(({ name }) =>
    Array.from({ length: jobs }, (_, job) => ["ioam", "--only", name, "--seed", String(seed + job), ...piece]),
  );
  process.exit((await runPieces(pieces, jobs)) ? 0 : 1);
}
pinToOneCpu(Number(values.cpu));
for (const subject of chosen) {
  let last = performance.now();
  const onProgress = (done: number): void => {
    if (performance.now() - last < PROGRESS_MS) return;
    last = performance.now();
    console.error(`… ${subject.name}: ${done} of ${packets}`);
  };
  const result = soak(subject, {
    seed,
    packets,
    v8Every: integer("v8-every", values["v8-every"]),
    onProgress,
  });
  const counted = Object.entries(result.counted).flatMap(([name, count]) => (count === 0 ? [] : [`${name} ${count}`]));
  console.log(
    `${subject.name}: ${packets} packets of seed ${seed}, ${Math.round((1000 * packets) / result.ms)}/s, ${result.inV8} in V8 too${counted.length === 0 ? "" : `; ${counted.join(", ")}`}`,
  );
}
