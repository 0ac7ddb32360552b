import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { processIdentity } from "../linux/process-identity.ts";
import { mayHaveDeadLabs } from "./dead-labs.ts";
import { REGISTRY_LOCK } from "./registry-directory.ts";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "dead-labs-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const own = processIdentity();
const alive = JSON.stringify({ owner: own });
const earlier = JSON.stringify({ owner: { ...own, startTime: 1 } });

test.each([
  ["none", {}, false],
  ["the lock", { [REGISTRY_LOCK]: "" }, false],
  ["some that stay, and one whose owner lives", { "a.json": '{"owner":null}', "b.json": alive }, false],
  ["one whose owner has gone, though another has its number", { "a.json": alive, "b.json": earlier }, true],
  ["one half written", { "a.json.new": alive }, true],
  ["none that makes sense", { "a.json": "{" }, true],
  ["one without a word of an owner", { "a.json": "{}" }, true],
])("labs: %s", (_name, files, expected) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  expect(mayHaveDeadLabs(folder)).toBe(expected);
});

test("no folder", () => expect(mayHaveDeadLabs(join(folder, "none"))).toBe(false));
