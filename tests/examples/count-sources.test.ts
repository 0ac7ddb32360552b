/** What the README shows runs as it is shown, against the built package. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createNetns, deleteNetns } from "../../src/linux/netns.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("the README shows count-sources as it is", () => {
  const code = readFileSync(join(root, "examples/count-sources.bpf.ts"), "utf8").replace(/^\/\*\*.*\n/, "");
  expect(readFileSync(join(root, "README.md"), "utf8")).toContain(
    `\`\`\`ts\n// examples/count-sources.bpf.ts\n${code}\`\`\``,
  );
});

test("count-sources counts the pings of a namespace", async () => {
  const name = `hm-examples-${process.pid}`;
  createNetns(name).close();
  try {
    execFileSync("ip", ["-n", name, "link", "set", "lo", "up"]);
    const command = ["-r", "hopmark/register", "examples/count-sources.ts", "lo", "2"];
    const example = spawn("ip", ["netns", "exec", name, process.execPath, ...command], {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(example, "exit");
    const lines: string[] = [];
    for await (const line of createInterface(example.stdout)) {
      lines.push(line);
      if (line === "counting on lo") {
        execFileSync("ip", ["netns", "exec", name, "ping", "-6", "-c", "3", "-i", "0.1", "-s", "56", "::1"]);
      }
    }
    expect(await ended).toEqual([0, null]);
    // Three requests and three replies of 14 + 40 + 8 + 56 bytes.
    expect(lines).toEqual(["counting on lo", "::1: 6 packets, 708 bytes"]);
  } finally {
    deleteNetns(name);
  }
});
