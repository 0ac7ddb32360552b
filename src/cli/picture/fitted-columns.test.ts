import { expect, test } from "vitest";
import { plainStyle } from "../framework/style.ts";
import { fittedColumns, type FittedColumn } from "./fitted-columns.ts";

const table: readonly FittedColumn[] = [
  { title: "address", cells: ["10.0.0.1", "10.0.0.254"], isNumber: false, spare: 0 },
  { title: "destinationPort", cells: ["443", "80"], isNumber: true, spare: 0 },
  { title: "packets", cells: ["12,345", "7"], isNumber: true, spare: 0 },
  { title: "/s", cells: ["120", "0"], isNumber: true, spare: 1 },
  { title: "lastSeenNs", cells: ["78,928,284,884,217", "1"], isNumber: true, spare: 3 },
  { title: "smallest", cells: ["64", "64"], isNumber: true, spare: 3 },
];

test.each<[width: number, lines: readonly string[], leftOut: readonly string[]]>([
  [
    Infinity,
    [
      "address     destinationPort  packets   /s          lastSeenNs  smallest",
      "10.0.0.1                443   12,345  120  78,928,284,884,217        64",
      "10.0.0.254               80        7    0                   1        64",
    ],
    [],
  ],
  [
    66,
    [
      "address     destina…  packets   /s          lastSeenNs  smallest",
      "10.0.0.1         443   12,345  120  78,928,284,884,217        64",
      "10.0.0.254        80        7    0                   1        64",
    ],
    [],
  ],
  [
    40,
    ["address     destina…  packets   /s", "10.0.0.1         443   12,345  120", "10.0.0.254        80        7    0"],
    ["lastSeenNs", "smallest"],
  ],
  [
    24,
    ["address     de…  packe…", "10.0.0.1    443  12,345", "10.0.0.254   80       7"],
    ["/s", "lastSeenNs", "smallest"],
  ],
  [18, ["addr…  de…  packe…", "10.0…  443  12,345", "10.0…   80       7"], ["/s", "lastSeenNs", "smallest"]],
])("at %d columns", (width, lines, leftOut) => {
  const fitted = fittedColumns(table, width, plainStyle);
  expect(fitted).toEqual({ lines, leftOut });
  expect(Math.max(...fitted.lines.map((line) => line.length))).toBeLessThanOrEqual(width);
});
