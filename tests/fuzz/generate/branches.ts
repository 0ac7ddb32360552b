/** if/else, switch, early returns. */
import { numberWithin, exactNumber } from "./number-text.ts";
import { number } from "./numbers.ts";
import { exactBigint } from "./bigint-text.ts";
import { anyBigint } from "./bigints.ts";
import { address, anyFamily } from "./addresses.ts";
import { labelled } from "./labels.ts";
import { condition, testOf } from "./conditions.ts";
import { declare } from "./declarations.ts";
import { U32_MAX, greater, lesser, union, type Interval } from "./interval.ts";
import { DEVICES } from "./parts.ts";
import type { HelperResult, Writing } from "./writing.ts";

type Body = (w: Writing) => void;

export const branch = (w: Writing, body: Body): void => {
  const test = testOf(w, 3);
  w.block(`if (${test}) {`, "}", () => body(w));
  if (w.random.chance(0.45)) w.block("else {", "}", () => body(w));
};

/** `if (n < 40) { … }`: the variable's range is narrower inside. */
export const narrowingBranch = (w: Writing, body: Body): void => {
  const candidates = w.scope
    .variables()
    .filter((variable) => variable.kind === "number" && !variable.wrapped && !variable.assignable);
  if (candidates.length === 0) return declare(w);
  const variable = w.random.pick(candidates);
  if (variable.kind !== "number") throw new Error("unreachable: filtered");
  const range = w.scope.rangeOf(variable);
  if (w.random.chance(0.3)) return windowBranch(w, variable.name, range, body);
  const bound = BigInt(w.random.pick([1, 3, 4, 8, 16, 31, 60, 100, 200, 1000, 1400]));
  if (bound <= range.low || bound >= range.high) return branch(w, body);
  const below: Interval = { low: range.low, high: lesser(range.high, bound - 1n) };
  const above: Interval = { low: greater(range.low, bound), high: range.high };
  const inside = (proved: Interval) => (): void => {
    w.scope.narrow(variable.name, proved);
    body(w);
  };
  const { name } = variable;
  if (w.noExit === 0 && w.random.chance(0.25)) {
    w.line(`if (${name} >= ${bound}) ${leaveFunction(w)};`);
    w.scope.narrow(name, below);
    return;
  }
  const form = w.random.below(4);
  const [test, yes, no]: [string, Interval, Interval] =
    form === 0
      ? [`${name} < ${bound}`, below, above]
      : form === 1
        ? [`${bound - 1n} >= ${name}`, below, above]
        : form === 2
          ? [`${name} >= ${bound}`, above, below]
          : [`!(${name} > ${bound - 1n})`, below, above];
  w.block(`if (${test}) {`, "}", inside(yes));
  if (w.random.chance(0.4)) w.block("else {", "}", inside(no));
};

/** `if (n >= 8000 && n < 8016) { const i = n - 8000; … }`: a place within a table from the number of its first row on. */
const windowBranch = (w: Writing, name: string, range: Interval, body: Body): void => {
  const first = BigInt(w.random.pick([...FIRST_ROWS, w.random.below(256), w.random.u32()]));
  const rows = BigInt(w.random.pick([2, 4, 5, 16, 60, 256]));
  const last = first + rows - 1n;
  if (first < range.low || last > range.high) return branch(w, body);
  const tests = [w.random.chance(0.5) ? `${name} >= ${first}` : `!(${name} < ${first})`, `${name} <= ${last}`];
  w.block(`if (${(w.random.chance(0.7) ? tests : tests.reverse()).join(" && ")}) {`, "}", () => {
    w.scope.narrow(name, { low: first, high: last });
    const row = w.name("n");
    w.line(`const ${row} = ${name} - ${first};`);
    const place: Interval = { low: 0n, high: rows - 1n };
    w.scope.declare({ kind: "number", name: row, range: place, assignable: false, wrapped: false });
    body(w);
  });
};

const FIRST_ROWS = [1, 14, 0x45, 8000, 0xa00_0000, 0x2000_0000, 0x7fff_fff0, 0xc0a8_0000];

export const switchOn = (w: Writing, body: Body): void => {
  const { value, labels } = w.random.weighted<() => Switched>([
    [5, () => ofNumbers(w)],
    [1, () => ofBigints(w)],
    [1, () => ofAddresses(w)],
    [1, () => ({ value: "true", labels: Array.from({ length: w.random.between(1, 3) }, () => condition(w, 1)) })],
    [w.parts.tables.length === 0 ? 0 : 1, () => ofTable(w)],
  ])();
  const clauses = [...new Set(labels)].map((label) => `case ${label}:`);
  if (w.random.chance(0.6)) clauses.splice(w.random.below(clauses.length + 1), 0, "default:");
  labelled(w, 0.2, `switch (${value}) {`, () => {
    for (const clause of clauses) {
      // Clauses fall through without `break`; what they declare stays in a block of their own.
      w.block(`${clause} {`, "}", () => body(w));
      if (w.random.chance(0.7)) w.line("break;");
    }
  });
};

interface Switched {
  readonly value: string;
  readonly labels: readonly string[];
}

const ofNumbers = (w: Writing): Switched => {
  const span = w.random.pick([3n, 7n, 15n]);
  const value = w.random.chance(0.6) ? numberWithin(w, 0n, span, 2) : exactNumber(w, 2);
  const labels = Array.from({ length: w.random.between(1, 4) }, () => String(w.random.below(Number(span) + 1)));
  return { value: value.text, labels };
};

const ofBigints = (w: Writing): Switched => ({
  value: exactBigint(w, 2).text,
  labels: w.random.chance(0.5) ? ["0n", "1n", "255n"] : [`${w.random.bigint(64)}n`, "2n"],
});

const ofAddresses = (w: Writing): Switched => {
  const family = anyFamily(w);
  return { value: address(w, family), labels: [address(w, family), address(w, family, 0)] };
};

/** `switch (n) { case table[0]!.a: … }` */
const ofTable = (w: Writing): Switched => {
  const { name, rows } = w.random.pick(w.parts.tables);
  return { value: exactNumber(w, 2).text, labels: rows.map((_, row) => `${name}[${row}]!.a`) };
};

export const earlyReturn = (w: Writing): void => {
  if (w.noExit > 0) return declare(w);
  const test = testOf(w, 2);
  w.line(`if (${test}) ${leaveFunction(w)};`);
};

/** `if (at + 2 > end) return …; if (length < 2) return …; if (at + length > end) return …`: as parsers test what they read. */
export const stairs = (w: Writing): void => {
  if (w.noExit > 0) return declare(w);
  const { random } = w;
  const steps = [1n, 2n, 4n, 8n];
  const leave = w.inHelper || random.chance(0.2) ? leaveFunction(w) : `return ${random.below(2)}`;
  const exit = (): string => (random.chance(0.85) ? leave : leaveFunction(w));
  const [at, end, length] = (["at", "end", "length"] as const).map((name) => {
    const own = w.name(name);
    const range: Interval = { low: 0n, high: random.pick([60n, 255n, 1400n]) };
    w.line(`const ${own} = ${numberWithin(w, range.low, range.high, 2).text};`);
    return { name: own, range };
  }) as [Step, Step, Step];
  const over = (sum: string): string =>
    random.pick([`${sum} > ${end.name}`, `${sum} >= ${end.name}`, `${end.name} < ${sum}`, `!(${sum} <= ${end.name})`]);
  w.line(`if (${over(`${at.name} + ${random.pick(steps)}`)}) ${exit()};`);
  if (random.chance(0.2)) declare(w);
  if (random.chance(0.7)) w.line(`if (${length.name} ${random.pick(["<", "<="])} ${random.pick(steps)}) ${exit()};`);
  const start = random.pick([at.name, at.name, `${at.name} + ${random.pick(steps)}`]);
  w.line(`if (${over(`${start} + ${length.name}`)}) ${exit()};`);
  const kept = random.chance(0.5) ? [length] : [at, end, length];
  for (const { name, range } of kept)
    w.scope.declare({ kind: "number", name, range, assignable: false, wrapped: false });
};

interface Step {
  readonly name: string;
  readonly range: Interval;
}

/** `return` with what the function being written returns. */
export const leaveFunction = (w: Writing): string => {
  if (w.result !== null) return `return ${w.result()}`;
  return `return ${w.helperResult === null ? verdict(w) : helperReturn(w, w.helperResult)}`.trimEnd();
};

/** An expression to return from the helper being written, if it returns anything; its range joins the helper's. */
export const helperReturn = (w: Writing, { kind, low, high, wrapped, within }: HelperResult): string => {
  if (kind === "nothing") return "";
  if (kind === "boolean") return condition(w, 3);
  if (kind !== "number" && kind !== "bigint") return address(w, kind);
  if (within !== null)
    return kind === "number" ? numberWithin(w, within.low, within.high, 3).text : exactBigint(w, 3).text;
  const value = kind === "number" ? number(w, 3) : { ...anyBigint(w, 3), wrapped: false };
  w.helperResult = { kind, ...union(value, { low, high }), wrapped: wrapped || value.wrapped, within };
  return value.text;
};

/** `devices.redirect(index, flags)`. */
export const redirectCall = (w: Writing): string => {
  const index = w.random.chance(0.5) ? String(w.random.below(6)) : numberWithin(w, 0n, U32_MAX, 2).text;
  const flags = w.random.chance(0.7)
    ? ["", ", 0", ", 1", ", 2", ", 3", ", RedirectFlag.Broadcast", ", 24", ", 32"][w.random.below(8)]
    : `, ${numberWithin(w, 0n, 3n, 1).text}`;
  return `${DEVICES}.redirect(${index}${flags})`;
};

/** What a program may return: any number, of a cgroup's program 0 or 1. */
export const verdict = (w: Writing): string => {
  if (w.type === "cgroupSkb") {
    const most = w.largestVerdict;
    if (w.random.chance(0.1)) return "CgroupSkb.Allow";
    return w.random.chance(0.4) ? String(w.random.below(Number(most) + 1)) : numberWithin(w, 0n, most, 2).text;
  }
  if (w.random.chance(0.3)) return String(w.random.below(5));
  if (w.random.chance(0.1)) return w.random.pick(w.type === "tc" ? ["Tc.Next", "Tc.Ok"] : ["Xdp.Pass", "Xdp.Tx"]);
  if (w.random.chance(0.05)) return `ctx.redirect(${w.random.between(1, 3)})`;
  const value = number(w, 2);
  if (w.hasDevices && w.random.chance(0.3)) return redirectCall(w);
  // A number that is written out must be a verdict.
  return value.wrapped ? `${value.text} >>> 0` : `(${value.text}) + 0`;
};
