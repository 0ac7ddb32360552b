/** The compiler: time to compile, the cost curve, script start to attached program, and what its code takes a packet. */
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import { pinToOneCpu } from "../../tests/fuzz/pin-cpu.ts";
import { againstC } from "../compiler/against-c.ts";
import { foldedTable } from "../compiler/folded-table.ts";
import { countByProtocol, counts, empty, scaled } from "../compiler/programs.bpf.ts";
import { startUp } from "../compiler/start-up.ts";
import { plainFrame } from "../ioam/forwarding.ts";
import { compare, median, type Area, type Row } from "../row.ts";

const REPEAT = 500_000;
const UDP = 17;
const SIZES = [1_000, 2_500, 5_000, 10_000, 20_000];
const CURVE_ROUNDS = 7;
const WARM_UP_ROUNDS = 20;

const milliseconds = (run: () => void): number => {
  const start = performance.now();
  run();
  return performance.now() - start;
};

export const area: Area = async (report) => {
  await startUp(report);
  curve(report);
  // What is pinned stays so: this comes last.
  pinToOneCpu();
  packets(report);
  againstC(report);
  foldedTable(report);
};

const packets = (report: (row: Row) => void): void => {
  const frame = plainFrame();
  const [counting, nothing] = [load(compile(countByProtocol)), load(compile(empty))];
  try {
    const run = (program: typeof counting): number => program.testRun(frame, { repeat: REPEAT }).durationNs;
    const count = (): number => {
      const before = counting.map(counts).sum(UDP)?.packets ?? 0n;
      const ns = run(counting);
      const counted = (counting.map(counts).sum(UDP)?.packets ?? 0n) - before;
      if (counted !== BigInt(REPEAT)) throw new Error(`${counted} of ${REPEAT} packets were counted`);
      return ns;
    };
    report(
      compare({
        name: "parse IPv6, count by protocol",
        unit: "ns/packet",
        better: "lower",
        peerName: "an empty program",
        ours: count,
        peer: () => run(nothing),
      }),
    );
  } finally {
    counting.close();
    nothing.close();
  }
};

/** Compile time by size. The last row's numbers are exponents: 1 is linear, 2 quadratic. */
const curve = (report: (row: Row) => void): void => {
  const points: { instructions: number; ms: number }[] = [];
  // The curve is the algorithm's, not that of V8 warming up.
  for (let round = 0; round < WARM_UP_ROUNDS; round++) compile(scaled(SIZES[1]! / 15));
  for (const size of SIZES) {
    const times: number[] = [];
    let instructions = 0;
    for (let round = 0; round <= CURVE_ROUNDS; round++) {
      const program = scaled(Math.round(size / 15));
      const ms = milliseconds(() => {
        instructions = compile(program).code.instructions.length / 8;
      });
      if (round > 0) times.push(ms);
    }
    points.push({ instructions, ms: median(times) });
  }
  const [first] = points as [(typeof points)[number]];
  for (const { instructions, ms } of points) {
    const linear = (first.ms * instructions) / first.instructions;
    report({
      name: `compile ${instructions} instructions`,
      unit: "ms",
      ours: ms,
      peer: { name: "linear growth from the first", value: linear },
      ratio: ms / linear,
      spread: 0,
      rounds: CURVE_ROUNDS,
      better: "lower",
    });
  }
  const exponent = slope(points.map((point) => [Math.log(point.instructions), Math.log(point.ms)]));
  report({
    name: "exponent of the cost curve",
    unit: "exponent",
    ours: exponent,
    peer: { name: "linear", value: 1 },
    ratio: exponent,
    spread: 0,
    rounds: CURVE_ROUNDS,
    better: "lower",
  });
  if (exponent > 1.5) throw new Error(`compile time grows with the ${exponent.toFixed(2)}th power of the size`);
};

/** Of the line that fits best. */
const slope = (points: readonly (readonly [number, number])[]): number => {
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  const under = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return over / under;
};
