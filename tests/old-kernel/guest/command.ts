/** The command line as users type it. */
import { spawnSync } from "node:child_process";
import { COMMAND, NODE, NODE_FLAGS } from "../places.ts";

/** Runs `hopmark ...words --json`; returns the objects it printed, one a line or only one. */
export const hopmarkLines = (...words: readonly string[]): unknown[] => {
  const { status, stdout, stderr } = spawnSync(NODE, [...NODE_FLAGS, COMMAND, ...words, "--json"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0)
    throw new Error(`hopmark ${words.join(" ")}: exit status ${status}\n${stderr}${stdout.slice(-2000)}`);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
};

export const hopmark = (...words: readonly string[]): unknown => {
  const [only, ...others] = hopmarkLines(...words);
  if (others.length > 0) throw new Error(`hopmark ${words.join(" ")} printed ${others.length + 1} lines`);
  return only;
};
