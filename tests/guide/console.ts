/** Runs the commands of a console block as a reader would type them, and holds their output against what the page shows. */
import { spawnSync } from "node:child_process";

export interface Shell {
  readonly folder: string;
  /** Path of the network namespace the commands run in. */
  readonly netns: string;
  /** Directory with the command `hopmark`. */
  readonly bin: string;
}

/** What differs from the page: null, or the first line that is missing and all that was printed. */
export const runConsole = (text: string, { folder, netns, bin }: Shell): string | null => {
  const lines = text.trimEnd().split("\n");
  const commands = lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));
  const { stdout, error } = spawnSync(
    "nsenter",
    [`--net=${netns}`, "bash", "-c", `exec 2>&1\n${commands.join("\n")}\nwait`],
    {
      cwd: folder,
      encoding: "utf8",
      timeout: 60_000,
      env: { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}`, NO_COLOR: "1" },
    },
  );
  if (error !== undefined) throw error;
  const missing = firstMissing(
    lines.filter((line) => !line.startsWith("$ ")),
    stdout.split("\n"),
  );
  return missing === undefined ? null : `not printed: ${missing}\nwhat was:\n${stdout}`;
};

/** The first expected line that does not come behind those before it. `…` stands for anything. */
const firstMissing = (expected: readonly string[], printed: readonly string[]): string | undefined => {
  let from = 0;
  for (const line of expected) {
    if (line.trim() === "…" || line === "") continue;
    const pattern = new RegExp(`^${line.trimEnd().split("…").map(escape).join(".*")}\\s*$`, "u");
    const found = printed.findIndex((candidate, at) => at >= from && pattern.test(candidate));
    if (found === -1) return line;
    from = found + 1;
  }
  return undefined;
};

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
