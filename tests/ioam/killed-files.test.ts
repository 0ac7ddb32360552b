/** Labs and files that a killed command was making, or taking away: the next command finishes, and nothing stays behind. */
import { readdirSync, readFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { install, uninstall } from "../../src/cli/persist/install.ts";
import { labDown, labList, labUp, openNode, pair, startPing } from "../../src/lab/index.ts";
import { REGISTRY_DIRECTORY } from "../../src/lab/registry-directory.ts";
import { listNetns } from "../../src/linux/netns.ts";
import { killAt, killsAsked, momentsOf, someOf } from "../support/killed.ts";

const KILLS = killsAsked("IOAM_KILLS");
vi.setConfig({ testTimeout: 60_000 + KILLS * 10_000 });

test("hopmark lab up, lab down", async () => {
  const name = `hm-killed-${process.pid}`;
  onTestFinished(() => void labDown(name));
  const up = { words: ["lab", "up", name, "--topology", "pair"] };
  const down = { words: ["lab", "down", name] };
  const left = (): string[] => [
    ...listNetns().filter((own) => own.startsWith(name)),
    ...readdirSync(REGISTRY_DIRECTORY).filter((own) => own.startsWith(name)),
  ];
  const whenUp = await momentsOf(up);
  const all = left();
  const whenDown = await momentsOf(down);
  expect(left()).toEqual([]);
  let killed = 0;
  for (const [command, moments] of [
    [up, someOf(whenUp, KILLS)],
    [down, someOf(whenDown, KILLS)],
  ] as const) {
    for (const moment of moments) {
      if (command === down) labUp(pair(), name);
      if (await killAt(command, moment)) killed++;
      // Whatever has a name is in the list of labs.
      const named = listNetns().filter((own) => own.startsWith(name));
      const listed = labList().flatMap((lab) => (lab.name === name ? lab.nodes.map((node) => node.name) : []));
      expect(listed, moment.text).toEqual(expect.arrayContaining(named));
      if (command === up) {
        labUp(pair(), name);
        expect(left(), moment.text).toEqual(all);
        const netns = openNode(name, "left");
        try {
          const ping = await startPing(netns, { target: "db01::2", count: 2, intervalMs: 1 });
          expect(await ping.finished).toMatchObject({ received: 2 });
        } finally {
          netns.close();
        }
      }
      labDown(name);
      expect(left(), moment.text).toEqual([]);
    }
  }
  expect(killed).toBeGreaterThan(0);
});

test("hopmark persist install, persist remove", async () => {
  const root = mkdtempSync(join(tmpdir(), "hopmark-killed-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const installing = { words: ["persist", "install", "--root", root] };
  const removing = { words: ["persist", "remove", "--root", root] };
  const files = (): Record<string, string> =>
    Object.fromEntries(
      readdirSync(root, { recursive: true, encoding: "utf8" })
        .map((path) => [path, join(root, path)] as const)
        .filter(([, path]) => statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
        .map(([path, full]) => [path, path.includes("wants") ? "" : readFileSync(full, "utf8")]),
    );
  const whenInstalling = await momentsOf(installing);
  const all = files();
  expect(Object.keys(all)).toHaveLength(3);
  const whenRemoving = await momentsOf(removing);
  expect(files()).toEqual({});
  const [node, script] = program(all);
  let killed = 0;
  for (const [command, moments] of [
    [installing, someOf(whenInstalling, KILLS)],
    [removing, someOf(whenRemoving, KILLS)],
  ] as const) {
    for (const moment of moments) {
      if (command === removing) install(root, [], [node, script]);
      if (await killAt(command, moment)) killed++;
      // What is there under its own name is whole.
      for (const [path, text] of Object.entries(files())) if (!path.endsWith(".new")) expect(text).toBe(all[path]);
      if (command === installing) {
        install(root, [], [node, script]);
        expect(files(), moment.text).toEqual(all);
      }
      uninstall(root);
      expect(files(), moment.text).toEqual({});
    }
  }
  expect(killed).toBeGreaterThan(0);
});

/** What the unit starts. */
const program = (files: Readonly<Record<string, string>>): readonly [string, string] => {
  const [unit = ""] = Object.entries(files).flatMap(([path, text]) =>
    path.endsWith(".service") && text !== "" ? [text] : [],
  );
  const [, node = "", script = ""] = /^ExecStart=(\S+) (\S+) /m.exec(unit) ?? [];
  return [node, script];
};
