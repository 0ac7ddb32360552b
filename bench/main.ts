/**
 * `npm run bench [-- AREA …] [--json]`: every speed claim as a ratio against a peer or a floor measured in the same run. Rows go
 * to stdout, as a table or as one JSON object a line; progress to stderr.
 */
import type { Area, Row } from "./row.ts";

const areas: Readonly<Record<string, () => Promise<{ readonly area: Area }>>> = {
  capture: () => import("./areas/capture.ts"),
  compiler: () => import("./areas/compiler.ts"),
  decode: () => import("./areas/decode.ts"),
  ioam: () => import("./areas/ioam.ts"),
  marks: () => import("./areas/marks.ts"),
  pval: () => import("./areas/pval.ts"),
  ring: () => import("./areas/ring.ts"),
  trace: () => import("./areas/trace.ts"),
};

const significant = (value: number): string => {
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
};

const columns = [
  ["what", 44],
  ["ours", 10],
  ["against", 10],
  ["unit", 12],
  ["ratio", 8],
  ["spread", 8],
  ["rounds", 7],
] as const;

const line = (cells: readonly string[]): string =>
  cells.map((cell, at) => (at === 0 ? cell.padEnd(columns[at]![1]) : cell.padStart(columns[at]![1]))).join(" ");

const tell = (area: string, row: Row, json: boolean): void => {
  if (json) return void process.stdout.write(`${JSON.stringify({ area, ...row })}\n`);
  const { name, ours, peer, unit, ratio, spread, rounds, better, details = {} } = row;
  const cells = [
    name,
    significant(ours),
    significant(peer.value),
    unit,
    `${ratio.toFixed(2)}x`,
    `${(spread * 100).toFixed(0)} %`,
    String(rounds),
  ];
  const more = Object.entries(details).map(
    ([what, value]) => `; ${what} ${Number.isInteger(value) ? value : significant(value)}`,
  );
  process.stdout.write(`${line(cells)}  against ${peer.name}; ${better} is better${more.join("")}\n`);
};

const main = async (): Promise<void> => {
  const words = process.argv.slice(2);
  const json = words.includes("--json");
  const wanted = words.filter((word) => !word.startsWith("--"));
  const unknown = [
    ...wanted.filter((name) => areas[name] === undefined),
    ...words.filter((word) => word.startsWith("--") && word !== "--json"),
  ];
  if (unknown.length > 0) {
    process.stderr.write(
      `bench: ${unknown.join(", ")}: unknown; areas are ${Object.keys(areas).join(", ")}; the one option is --json\n`,
    );
    process.exitCode = 2;
    return;
  }
  if (!json) process.stdout.write(`${line(columns.map(([title]) => title))}\n`);
  for (const name of wanted.length > 0 ? wanted : Object.keys(areas)) {
    process.stderr.write(`measuring ${name} …\n`);
    const { area } = await (areas[name] as (typeof areas)[string])();
    await area((row) => tell(name, row, json));
  }
};

await main();
