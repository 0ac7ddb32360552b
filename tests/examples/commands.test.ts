/** Each example says in its first comment by which command it is started: that command works. */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runHopmark } from "../../src/cli/fixtures/program.ts";
import { temporaryNetns } from "../../src/linux/fixtures/temporary-netns.ts";

const folder = fileURLToPath(new URL("../../examples", import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith(".bpf.ts") && name !== "count-sources.bpf.ts");

test("there are examples", () => {
  expect(names.length).toBeGreaterThanOrEqual(4);
});

test.each(names)("%s", async (name) => {
  const text = readFileSync(`${folder}/${name}`, "utf8");
  const [, command = ""] = /^ \* {5}npx hopmark (run examples\/\S+.*)$/m.exec(text) ?? [];
  expect(command).toContain(`run examples/${name}`);
  const { name: netns } = temporaryNetns();
  execFileSync("ip", ["-n", netns, "link", "set", "lo", "up"]);
  const words = command
    .replace("examples/", `${folder}/`)
    .replace(/--dev \S+/, `--dev lo --netns ${netns}`)
    .split(" ");
  const { status, stdout, stderr } = await runHopmark([...words, "--seconds", "0.3", "--json"]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly type: string });
  expect([lines[0]?.type, lines.at(-1)?.type]).toEqual(["attached", "summary"]);
});
