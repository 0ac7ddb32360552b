import { describe, expect, test } from "vitest";
import { ConfigError } from "../../errors.ts";
import { defineCommand, type Command } from "./command.ts";
import { universalOptions } from "./common-options.ts";
import { parseOptions } from "./options.ts";
import { Output } from "./output.ts";
import { integer } from "./values.ts";
import { parseWords } from "./words.ts";

const nowhere = { write: () => true };
const output = new Output({ json: false, stdout: nowhere, stderr: nowhere, environment: {} });
const readNumber = integer(0, 99);

let seen: unknown;
const add = defineCommand({
  name: "thing add",
  summary: "add a thing",
  positionals: {
    prefix: { value: "PREFIX", description: "where" },
    second: { value: "OTHER", description: "more", optional: true },
  },
  keywords: {
    dev: { value: "DEVICE", description: "on which" },
    size: { value: "BYTES", description: "how much", optional: true, read: readNumber },
  },
  options: {
    netns: { flag: "--netns", short: "-n", value: "NAME", description: "where" },
    quiet: { flag: "--quiet", description: "say nothing" },
  },
  run: (input) => {
    seen = input;
    const typed: { prefix: string; second: string | undefined; dev: string; size: number | undefined } = input;
    const options: { netns: string | undefined; quiet: boolean } = input;
    return typed.prefix === options.netns ? 7 : undefined;
  },
});

const keep = defineCommand({
  name: "thing keep",
  summary: "keep a thing",
  keywords: {
    dev: { value: "DEVICE", description: "on which" },
    whole: { value: "whole", description: "all of it", optional: true, alone: true },
  },
  options: { whole: { flag: "--whole", description: "all of it" } },
  run: (input) => {
    seen = input;
    const typed: { dev: string; whole: boolean } = input;
    return typed.dev === "" ? 1 : 0;
  },
});

const exec = defineCommand({
  name: "thing exec",
  summary: "run",
  positionals: { node: { value: "NODE", description: "where" } },
  rest: { value: "COMMAND", description: "what" },
  options: { netns: { flag: "--netns", value: "NAME", description: "where" } },
  run: (input) => {
    seen = input;
  },
});

const run = async (command: Command, line: string): Promise<number> => {
  const options = { ...command.options, ...universalOptions };
  const { values, words, rest } = parseOptions({ ...command, options }, line === "" ? [] : line.split(" "));
  const raw = { values: { ...values, ...parseWords(command, words) }, rest };
  return command.execute(raw, { output, signal: new AbortController().signal, needRights: async () => {} });
};

const refusal = async (command: Command, line: string): Promise<string> => {
  const error: unknown = await run(command, line).catch((caught: unknown) => caught);
  if (!(error instanceof ConfigError)) throw new TypeError(`no refusal: ${String(error)}`);
  return `${error.message} | ${error.hint ?? ""}`;
};

describe("what a command receives", () => {
  const all = { prefix: "p", second: "q", dev: "eth0", size: 16, netns: "lab", quiet: true, rest: [] };

  test.each([
    "p q dev eth0 size 16 --netns lab --quiet",
    "--quiet -n lab p q size 0x10 dev eth0",
    "p --netns=lab q s 16 --quiet d eth0",
    "-nlab --quiet p q siz 16 de eth0",
    "-jnlab p q siz 16 -j de eth0 --quiet",
    "--quiet -n lab -- p q siz 16 de eth0",
  ])("%s", async (line) => {
    expect(await run(add, line)).toBe(0);
    expect(seen).toEqual(all);
  });

  test("what may be left out is undefined, a flag false", async () => {
    await run(add, "p dev eth0");
    expect(seen).toEqual({ prefix: "p", second: undefined, dev: "eth0", size: undefined, netns: undefined, quiet: false, rest: [] }); // prettier-ignore
  });

  test("its exit status", async () => expect(await run(add, "p dev x --netns p")).toBe(7));
});

test.each([
  ["dev eth0", false],
  ["dev eth0 whole", true],
  ["wh dev eth0", true],
  ["dev eth0 --whole", true],
  ["--whole whole dev eth0", true],
])("a word that stands alone: %s", async (line, whole) => {
  await run(keep, line);
  expect(seen).toEqual({ dev: "eth0", whole, rest: [] });
  expect(await refusal(keep, "whole dev eth0 whole")).toContain(
    "usage: hopmark thing keep dev DEVICE [whole] [--whole]",
  );
});

test.each([
  ["", "thing add: PREFIX is missing"],
  ["dev eth0", "thing add: PREFIX is missing"],
  ["p", "thing add: dev DEVICE is missing"],
  ["p q dev", "thing add: dev is missing its value, DEVICE"],
  ["p q dev eth0 colour red", 'thing add: unknown word "colour"'],
  ["p q dev eth0 dev eth1", "thing add: dev is given twice"],
  ["p dev eth0 size 100", 'size: "100" is not a number from 0 to 99'],
  ["p dev eth0 --sizes", 'thing add: unknown option "--sizes"'],
  ["p dev eth0 --netns", 'thing add: option "--netns NAME" is missing its value'],
  ["p dev eth0 --netns a -n b", "thing add: --netns is given twice"],
  ["p dev eth0 --quite", 'thing add: unknown option "--quite"; did you mean --quiet?'],
  ["p dev eth0 --quiet=no", "thing add: the option --quiet takes no value"],
  ["p dev eth0 -jx", 'thing add: unknown option "-x"'],
  ["-5 dev eth0 -- -x", 'thing add: unknown word "-x"'],
])("%j is refused: %s", async (line, message) => {
  const said = await refusal(add, line);
  expect(said).toContain(message);
  if (!message.includes("is not") && !message.includes("option")) {
    expect(said).toContain(
      "usage: hopmark thing add PREFIX [OTHER] dev DEVICE [size BYTES] [--netns NAME] [--quiet] [--json]",
    );
  }
});

test.each([
  ["athos -- ping -c 1 --json", ["ping", "-c", "1", "--json"]],
  ["athos ping -c 1 -- x", ["ping", "-c", "1", "--", "x"]],
  ["--netns lab athos ping", ["ping"]],
  ["athos", []],
])("another program's command line stays as it is: %s", async (line, rest) => {
  await run(exec, line);
  expect(seen).toMatchObject({ node: "athos", rest });
});
