import { expect, test } from "vitest";
import { installationError } from "./installation.ts";

test("a package that is missing, or its native half, is told from the user's own mistakes", () => {
  const missing = Object.assign(new Error("Cannot find module 'oxc-parser'\nRequire stack:\n- x"), {
    code: "MODULE_NOT_FOUND",
    requireStack: ["/a/hopmark/dist/chunks/load.cjs"],
  });
  expect(installationError(missing)).toMatchObject({
    code: "installation",
    message: "a part of Hopmark's installation is missing: Cannot find module 'oxc-parser'",
    hint: expect.stringMatching(/npm ci/) as string,
  });
  const own = Object.assign(new Error("koffi has no native half"), { code: "HOPMARK_INSTALLATION", hint: "npm ci" });
  expect(installationError(own)).toMatchObject({ message: "koffi has no native half", hint: "npm ci" });
  expect(installationError(new Error("Cannot find native binding. npm has a bug"))).toBeDefined();
  expect(installationError(Object.assign(missing, { requireStack: ["/home/me/mine.cjs"] }))).toBeUndefined();
  expect(installationError(new Error("another"))).toBeUndefined();
});
