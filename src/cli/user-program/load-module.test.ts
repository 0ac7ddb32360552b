import { symlinkSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { ConfigError } from "../../errors.ts";
import { UserFolder } from "../fixtures/user-folder.ts";
import { loadModule } from "./load-module.ts";

const folder = new UserFolder();
afterAll(() => folder.remove());

test.each([
  ["coutn.bpf.ts", "there is no file FOLDER/coutn.bpf.ts; did you mean FOLDER/count.bpf.ts?"],
  ["nosuch.bpf.ts", "there is no file FOLDER/nosuch.bpf.ts"],
  [".", "FOLDER/. is a folder"],
  ["count.c", "FOLDER/count.c is no module of TypeScript or JavaScript"],
  ["loop.bpf.ts", "cannot read FOLDER/loop.bpf.ts: its symbolic links go round in circles"],
])("%s: %s", async (name, message) => {
  folder.write("count.bpf.ts", "");
  folder.write("count.c", "int main;");
  if (name === "loop.bpf.ts") symlinkSync(name, `${folder.path}/${name}`);
  const refused = await loadModule(`${folder.path}/${name}`).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ConfigError);
  expect(refused).toMatchObject({ message: message.replaceAll("FOLDER", folder.path) });
});
