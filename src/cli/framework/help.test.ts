import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { commandNames, loadGroup } from "../commands/registry.ts";
import { bashCompletion } from "./completion.ts";
import { defineCommand } from "./command.ts";
import { commandHelp, groupHelp } from "./help.ts";
import { universalOptions } from "./common-options.ts";
import { plainStyle } from "./style.ts";
import { usageOf } from "./usage.ts";

const add = defineCommand({
  name: "thing add",
  summary: "add a thing",
  description: [
    "A thing is what it is, and nothing else that could be said of it would make it another thing than that.",
  ],
  positionals: { prefix: { value: "PREFIX", description: "where it goes" } },
  keywords: {
    dev: { value: "DEVICE", description: "on which interface", complete: "device" },
    trace: { value: "prealloc", description: "the kind of trace" },
    mode: { value: "MODE", description: "how", optional: true, complete: ["inline", "encap"] },
  },
  options: { netns: { flag: "--netns", short: "-n", value: "NAME", description: "where" } },
  examples: ["hopmark thing add x dev y"],
  run: () => {},
});

test("a command's help comes from its table", () => {
  expect(commandHelp(add, plainStyle, 60)).toBe(`hopmark thing add - add a thing

Usage
  hopmark thing add PREFIX dev DEVICE trace prealloc
                    [mode MODE] [--netns NAME] [--json]

A thing is what it is, and nothing else that could be said
of it would make it another thing than that.

Words
  PREFIX          where it goes
  dev DEVICE      on which interface
  trace prealloc  the kind of trace
  mode MODE       how

Options
  -n, --netns NAME  where
  -j, --json        print JSON: one value, or one a line for
                    streams
  -h, --help        say what the command does, and end

Examples
  hopmark thing add x dev y

Exit status
  0 ok   1 failed   2 usage or configuration   3 not supported here   4 not permitted`);
});

describe("every command", async () => {
  const commands = await loadGroup("");
  test.each(commands)("$name", (command) => {
    expect(commandHelp(command, plainStyle)).toContain(`hopmark ${command.name} - ${command.summary}`);
    expect(command.summary).toMatch(/^[a-z].*[^.]$/);
  });
  test("is in the help of all", () => {
    const text = groupHelp("", commands, plainStyle);
    for (const name of commandNames) expect(text).toContain(`  ${name} `);
  });
});

describe("completion in bash", () => {
  const complete = (...words: string[]): string[] => {
    const script = `${bashCompletion([add])}
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _hopmark; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8" });
    expect(stderr).toBe("");
    return stdout.trim().split("\n");
  };

  test.each([
    [["hopmark", ""], ["thing"]],
    [["hopmark", "thing", "a"], ["add"]],
    [
      ["hopmark", "thing", "add", "x", ""],
      ["dev", "trace", "mode", "--netns", "--json", "--help"],
    ],
    [["hopmark", "thing", "add", "x", "trace", ""], ["prealloc"]],
    [["hopmark", "thing", "add", "x", "mode", "in"], ["inline"]],
    [["hopmark", "thing", "add", "x", "--netns", ""], [""]],
    [["hopmark", "thing", "add", "x", "dev", "l"], ["lo"]],
    [["hopmark", "nothing", ""], [""]],
  ])("%j offers %j", (words, offered) => expect(complete(...words)).toEqual(offered));
});

test("the usage of an option that is unknown names each option once", () => {
  const spec = { name: "thing", summary: "do it", options: { ...universalOptions } };
  expect(usageOf(spec)).toBe("hopmark thing [--json]");
});
