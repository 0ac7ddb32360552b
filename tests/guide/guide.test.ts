/** Every snippet of the guide does what the page says. */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { execFileSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { temporaryNetns } from "../../src/linux/fixtures/temporary-netns.ts";
import { runConsole } from "./console.ts";
import { fragmentModule } from "./fragment.ts";
import { layMachines } from "./machines.ts";
import { blocksOf } from "./markdown.ts";
import { ReaderFolder } from "./reader-folder.ts";

const folder = fileURLToPath(new URL("../../docs/guide", import.meta.url));
const pages = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");

/** Of all pages, for those that do not set up a folder of their own. */
const setUp = blocksOf(readFileSync(`${folder}/first-program.md`, "utf8")).find(
  (block) => block.kind === "file" && block.name === "tsconfig.json",
);

test.each(pages)(
  "%s",
  (page) => {
    const reader = new ReaderFolder();
    onTestFinished(() => reader.remove());
    const { name } = temporaryNetns();
    execFileSync("ip", ["-n", name, "link", "set", "lo", "up"]);
    if (setUp?.kind === "file") reader.write(setUp.name, setUp.text);
    const blocks = blocksOf(readFileSync(`${folder}/${page}`, "utf8"));
    const usesMachines = blocks.some((block) => block.kind === "console" && block.machine !== undefined);
    const machines = usesMachines ? layMachines(`hmguide${process.pid}`) : undefined;
    onTestFinished(() => machines?.close());
    const wrong: string[] = [];
    let fragments = 0;
    for (const block of blocks) {
      const place = `${page}:${block.line}`;
      if (block.kind === "file") reader.write(block.name, block.text);
      else if (block.kind === "fragment") reader.write(`fragment-${++fragments}.bpf.ts`, fragmentModule(block.text));
      else {
        const netns = block.machine === undefined ? undefined : machines?.netnsOf(block.machine);
        const shell = { folder: reader.path, netns: netns ?? `/run/netns/${name}`, bin: reader.bin };
        const difference = runConsole(block.text, shell);
        if (difference !== null) wrong.push(`${place}: ${difference}`);
      }
    }
    for (let at = 1; at <= fragments; at++) {
      const said = reader.hopmark("compile", `fragment-${at}.bpf.ts`, "--print", "cost");
      if (said !== "") wrong.push(said);
    }
    const types = blocks.every(({ kind }) => kind === "console") ? "" : reader.typecheck();
    if (types !== "") wrong.push(types);
    expect(wrong.join("\n\n")).toBe("");
    expect(blocks.length).toBeGreaterThan(0);
  },
  120_000,
);
