/** Loops: unrolled ones, over constant arrays, and real ones with bounds the verifier can see. */
import { earlyReturn } from "./branches.ts";
import { I32_MAX, greater } from "./interval.ts";
import { exact, numberWithin } from "./number-text.ts";
import { condition } from "./conditions.ts";
import type { Writing } from "./writing.ts";

type Body = (w: Writing) => void;

export const loop = (w: Writing, body: Body): void => {
  const real = w.realLoops === 0 && w.loops === 0 && w.budget > 0 ? 1 : 0;
  const ranged = w.loops === w.rangeLoops && w.rangeLoops < 2 && w.budget > 0 ? 1 : 0;
  w.random.weighted<() => void>([
    [4 * ranged, () => overRange(w, body)],
    [4, () => unrolled(w, body)],
    [w.parts.tables.length === 0 ? 0 : 3, () => overTable(w, body)],
    [2, () => overList(w, body)],
    [3 * real, () => counted(w, body)],
    [2 * real, () => bounded(w, body)],
    [2 * real, () => whileBelow(w, body)],
    [1 * real, () => doWhile(w, body)],
    [1 * real, () => untilBreak(w, body)],
  ])();
};

const number = (name: string, low: bigint, high: bigint) =>
  ({ kind: "number", name, range: { low, high }, assignable: false, wrapped: false }) as const;

/** What each round of a loop may add to a sum. */
const growths = [
  [0n, 1n],
  [1n, 1n],
  [0n, 7n],
  [2n, 40n],
  [-3n, 3n],
  [-9n, -1n],
  [0n, 65_535n],
] as const;

/** A sum that the loop's rounds add to, of which nothing says how far it goes but their number. */
const summing = (w: Writing, rounds: bigint, loop: (add: () => void) => void): void => {
  if (!w.random.chance(0.15)) return loop(() => {});
  const name = w.name("s");
  const [least, most] = w.random.pick(growths);
  const initial = numberWithin(w, 0n, 60n, 1);
  const isNegated = w.random.chance(0.2);
  const [low, high] = isNegated ? [-most, -least] : [least, most];
  const range = {
    low: initial.low + (low < 0n ? low * rounds : 0n),
    high: initial.high + (high > 0n ? high * rounds : 0n),
  };
  const sum = { kind: "number", name, range, assignable: false, wrapped: false } as const;
  w.line(`let ${name} = ${initial.text};`);
  loop(() => {
    const test = w.random.chance(0.3) ? `if (${condition(w, 1)}) ` : "";
    w.line(`${test}${name} ${isNegated ? "-" : "+"}= ${numberWithin(w, least, most, 1).text};`);
    w.scope.declare(sum);
  });
  w.scope.declare(sum);
};

/** A loop of the kernel that runs no more than `rounds` times. */
const aroundReal = (w: Writing, rounds: bigint, head: string, end: string, inside: () => void): void =>
  summing(w, rounds, (add) =>
    around(w, "real", head, end, () => {
      if (w.random.chance(0.5)) {
        add();
        return inside();
      }
      inside();
      add();
    }),
  );

const around = (w: Writing, kind: "real" | "unrolled", head: string, end: string, inside: () => void): void => {
  w.loops++;
  if (kind === "real") w.realLoops++;
  // The verifier walks each round: little may branch within.
  const deeper = kind === "real" ? 2 : 0;
  w.nesting += deeper;
  const label = w.random.chance(0.25) ? w.name("loop") : null;
  w.loopsAround.push({ label, mayContinue: head.startsWith("for") || head.startsWith("while (true)") });
  w.block(label === null ? head : `${label}: ${head}`, end, inside);
  w.loopsAround.pop();
  w.nesting -= deeper;
  if (kind === "real") w.realLoops--;
  w.loops--;
};

/** Jumps out of, or to the next round of, a loop. */
const jumps = (w: Writing): void => {
  if (w.noExit > 0 || !w.random.chance(0.25)) return;
  w.line(`if (${condition(w, 1)}) ${leaveLoop(w)};`);
};

/** `break`, `continue`, or either with the label of a loop further out. */
export const leaveLoop = (w: Writing): string => {
  const labelled = w.loopsAround.filter(({ label }) => label !== null);
  const target = labelled.length > 0 && w.random.chance(0.5) ? w.random.pick(labelled) : w.loopsAround.at(-1);
  if (target === undefined) throw new Error("no loop to leave");
  const { label, mayContinue } = target;
  // Within a switch, `break` alone would only leave that.
  const word = mayContinue && w.random.chance(0.5) ? "continue" : "break";
  return label !== null && (target !== w.loopsAround.at(-1) || w.random.chance(0.5)) ? `${word} ${label}` : word;
};

const unrolled = (w: Writing, body: Body): void => {
  const name = w.name("i");
  const rounds = w.random.between(1, w.loops === 0 ? 5 : 3);
  const [from, step] = [w.random.pick([0, 0, 0, 1, 10]), w.random.pick([1, 1, 1, 2, 4])];
  const last = from + (rounds - 1) * step;
  const down = w.random.chance(0.2);
  const head = down
    ? `for (let ${name} = ${last}; ${name} >= ${from}; ${name} -= ${step}) {`
    : `for (let ${name} = ${from}; ${name} <= ${last}; ${name} += ${step}) {`;
  around(w, "unrolled", head, "}", () => {
    w.scope.declare(number(name, BigInt(from), BigInt(last)));
    jumps(w);
    body(w);
  });
};

const overTable = (w: Writing, body: Body): void => {
  const table = w.random.pick(w.parts.tables);
  const [a, b, on] = [w.name("n"), w.name("g"), w.name("c")];
  const numbers = table.rows.map((row) => BigInt(row.a));
  const bigints = table.rows.map((row) => row.b);
  const span = (values: bigint[]) => ({
    low: values.reduce((x, y) => (x < y ? x : y)),
    high: values.reduce((x, y) => (x > y ? x : y)),
  });
  around(w, "unrolled", `for (const { a: ${a}, b: ${b}, on: ${on} } of ${table.name}) {`, "}", () => {
    w.scope.declare({ kind: "number", name: a, range: span(numbers), assignable: false, wrapped: false });
    w.scope.declare({ kind: "bigint", name: b, range: span(bigints), assignable: false, wrapped: false });
    w.scope.declare({ kind: "boolean", name: on, assignable: false });
    jumps(w);
    body(w);
  });
};

/** `for (const n of [1, 2])`, with or without the places. */
const overList = (w: Writing, body: Body): void => {
  const list = Array.from({ length: w.random.between(1, w.loops === 0 ? 4 : 2) }, () => w.random.below(300));
  const each = w.name("n");
  const at = w.random.chance(0.4) ? w.name("i") : null;
  const text = `[${list.join(", ")}]`;
  const head = at === null ? `${each} of ${text}` : `[${at}, ${each}] of ${text}.entries()`;
  around(w, "unrolled", `for (const ${head}) {`, "}", () => {
    w.scope.declare(number(each, BigInt(Math.min(...list)), BigInt(Math.max(...list))));
    if (at !== null) w.scope.declare(number(at, 0n, BigInt(list.length - 1)));
    jumps(w);
    body(w);
  });
};

/** More rounds than are unrolled. */
const counted = (w: Writing, body: Body): void => {
  const name = w.name("i");
  const rounds = w.random.pick([33, 34, 40]);
  aroundReal(w, BigInt(rounds), `for (let ${name} = 0; ${name} < ${rounds}; ${name}++) {`, "}", () => {
    w.scope.declare(number(name, 0n, BigInt(rounds - 1)));
    jumps(w);
    body(w);
  });
};

/** The verifier looks at the body of a range as often whatever its bounds, so these may nest, and be any. */
const overRange = (w: Writing, body: Body): void => {
  const name = w.name("i");
  const { random } = w;
  const low = random.pick([0n, 0n, 1n, -7n, -40n]);
  const from = random.chance(0.5) ? exact(String(low), low, low) : numberWithin(w, low, low + 15n, 2);
  const isLong = random.chance(0.15);
  const most = isLong ? I32_MAX : random.pick([3n, 20n, 50n]);
  const to = !isLong && random.chance(0.4) ? exact(String(most), most, most) : numberWithin(w, 0n, most, 2);
  w.rangeLoops++;
  const head = `for (const ${name} of range(${from.text}, ${to.text})) {`;
  const written = (inside: () => void): void =>
    isLong ? around(w, "real", head, "}", inside) : aroundReal(w, greater(0n, to.high - from.low), head, "}", inside);
  written(() => {
    w.scope.declare(number(name, from.low, greater(from.low, to.high - 1n)));
    if (isLong) w.line(`if (${name} >= ${random.pick([5, 30, 60])}) break;`);
    jumps(w);
    body(w);
    if (random.chance(0.15)) earlyReturn(w);
  });
  w.rangeLoops--;
};

/** As many rounds as a run-time number says. */
const bounded = (w: Writing, body: Body): void => {
  const [name, limit] = [w.name("i"), w.name("n")];
  const most = w.random.pick([3n, 7n, 15n, 31n]);
  w.line(`const ${limit} = ${numberWithin(w, 0n, most, 2).text};`);
  w.scope.declare(number(limit, 0n, most));
  aroundReal(w, most, `for (let ${name} = 0; ${name} < ${limit}; ${name}++) {`, "}", () => {
    w.scope.declare(number(name, 0n, most - 1n));
    jumps(w);
    body(w);
  });
};

const whileBelow = (w: Writing, body: Body): void => {
  const name = w.name("i");
  const most = w.random.pick([5n, 12n, 30n]);
  const step = w.random.pick([1n, 2n, 3n]);
  w.line(`let ${name} = ${numberWithin(w, 0n, most, 2).text};`);
  aroundReal(w, most / step + 1n, `while (${name} < ${most}) {`, "}", () => {
    w.scope.declare(number(name, 0n, most - 1n));
    body(w);
    w.line(`${name} += ${step};`);
  });
  w.scope.declare(number(name, 0n, most + step));
};

const doWhile = (w: Writing, body: Body): void => {
  const name = w.name("i");
  const most = w.random.pick([3n, 9n, 20n]);
  w.line(`let ${name} = ${numberWithin(w, 0n, most, 1).text};`);
  aroundReal(w, most + 1n, "do {", `} while (${name} < ${most});`, () => {
    w.scope.declare(number(name, 0n, most));
    body(w);
    w.line(`${name}++;`);
  });
  w.scope.declare(number(name, 0n, most + 1n));
};

const untilBreak = (w: Writing, body: Body): void => {
  const name = w.name("i");
  const most = w.random.pick([2n, 8n, 40n]);
  w.line(`let ${name} = ${numberWithin(w, 0n, most, 1).text};`);
  aroundReal(w, most, "while (true) {", "}", () => {
    w.line(`if (${name} >= ${most}) break;`);
    w.line(`${name} += 1;`);
    w.scope.declare(number(name, 1n, most));
    jumps(w);
    body(w);
  });
  w.scope.declare(number(name, 0n, most));
};
