import { expect, test } from "vitest";
import { ConfigError, type HopmarkError } from "../errors.ts";
import { unreadable } from "./unreadable.ts";

const failure = (code: string): Error => Object.assign(new Error(`${code}: open`), { code });

test.each([
  ["ENOENT", "cannot read x: there is no such file", "config"],
  ["ENOTDIR", "cannot read x: there is no such file", "config"],
  ["EISDIR", "cannot read x: it is a folder", "config"],
  ["EIO", "cannot read x: EIO", "config"],
  ["EACCES", "cannot read x: permission denied", "EACCES"],
])("%s: %s", (code, message, as) => expect(unreadable("x", failure(code), "name a capture")).toMatchObject({ code: as, message })); // prettier-ignore

test("the hint is what helps: the right to read, or another file", () => {
  expect(unreadable("x", failure("EACCES"), "name a capture").hint).toContain("the right to read it");
  expect(unreadable("x", failure("ENOENT"), "name a capture").hint).toBe("name a capture");
});

test("what is said already is not said again", () => {
  const known: HopmarkError = new ConfigError("x is no capture");
  expect(unreadable("x", known, "name a capture")).toBe(known);
});
