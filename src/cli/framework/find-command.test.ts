import { expect, test } from "vitest";
import { findCommand } from "./find-command.ts";

const names = [
  "demo",
  "doctor",
  "ioam encap add",
  "ioam encap delete",
  "ioam sink add",
  "ioam show",
  "lab up",
  "link set",
  "link show",
  "trace",
];
const find = (line: string) => findCommand(line.split(" "), names, ["--netns", "-n"]);

test.each([
  ["demo --json", "demo", ["--json"]],
  ["ioam encap add db02::/64 dev x", "ioam encap add", ["db02::/64", "dev", "x"]],
  ["i e a p", "ioam encap add", ["p"]],
  ["ioam encap del p", "ioam encap delete", ["p"]],
  ["ioam list", "ioam show", []],
  ["--netns athos ioam show dev x", "ioam show", ["--netns", "athos", "dev", "x"]],
  ["-n athos --json t", "trace", ["-n", "athos", "--json"]],
  ["trace ioam", "trace", ["ioam"]],
  ["l s dev pval0", "link set", ["dev", "pval0"]],
  ["link change pval0", "link set", ["pval0"]],
  ["l ls", "link show", []],
  ["-d l sh pval0", "link show", ["-d", "pval0"]],
  ["link", "link show", []],
  ["link -s", "link show", ["-s"]],
])("%s", (line, name, rest) => expect(find(line)).toEqual({ name, complete: true, rest }));

test.each(["ioam", "ioam encap --help", "ioam help", "link help", "link --help"])("%s is a group", (line) =>
  expect(find(line).complete).toBe(false),
);

test.each([
  ["frobnicate", 'unknown command "frobnicate"'],
  ["tarce", 'unknown command "tarce"; did you mean trace?'],
  ["ioam encap dad", 'ioam encap: unknown word "dad"; did you mean add?'],
  ["d", 'command "d" may be demo or doctor'],
  ["ioam s", 'ioam: "s" may be sink or show'],
  ["ioam encap frob", 'ioam encap: unknown word "frob"'],
])("%s is refused", (line, message) => expect(() => find(line)).toThrow(message));
