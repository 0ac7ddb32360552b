import { mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isStale, trimStore, type StoreLimits } from "./trim-store.ts";

const HOUR_MS = 3600 * 1000;
const limits: StoreLimits = { files: 4, bytes: 1000, ageMs: 30 * 24 * HOUR_MS };

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "trim-store-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, hoursAgo: number, size = 10): void => {
  const path = join(folder, name);
  writeFileSync(path, "x".repeat(size));
  const time = new Date(Date.now() - hoursAgo * HOUR_MS);
  utimesSync(path, time, time);
};

const left = (): readonly string[] => {
  trimStore(folder, limits);
  return readdirSync(folder).toSorted();
};

test("what is within the limits stays", () => {
  for (const hours of [0, 1, 2, 3]) write(`${hours}.json`, hours);
  expect(left()).toEqual(["0.json", "1.json", "2.json", "3.json"]);
});

test("of too many files the newest stay, some fewer than there may be", () => {
  for (const hours of [5, 0, 3, 1, 4, 2]) write(`${hours}.json`, hours);
  expect(left()).toEqual(["0.json", "1.json", "2.json"]);
});

test("of too many bytes the newest stay", () => {
  for (const hours of [0, 1, 2]) write(`${hours}.json`, hours, 350);
  expect(left()).toEqual(["0.json", "1.json"]);
});

test("what was of no use for too long goes", () => {
  write("old.json", 31 * 24);
  write("new.json", 29 * 24);
  expect(left()).toEqual(["new.json"]);
});

test("what another process is writing stays; what one left half written an hour ago goes", () => {
  write("a.json.12", 0);
  write("a.json.13", 2);
  expect(left()).toEqual(["a.json.12"]);
});

test("what is not of ours is not touched, and is not followed", () => {
  write("note.txt", 365 * 24);
  symlinkSync("/etc/passwd", join(folder, "link.json"));
  for (const hours of [0, 1, 2, 3, 4]) write(`${hours}.json`, hours);
  expect(left()).toEqual(["0.json", "1.json", "2.json", "link.json", "note.txt"]);
});

test("of many files each is looked at now and then, and when they are too many", () => {
  const many = { ...limits, files: 200, bytes: 1 << 20 };
  write("old.json", 31 * 24);
  for (let i = 0; i < 99; i++) write(`${i}.json`, 0);
  trimStore(folder, many);
  expect(readdirSync(folder)).toHaveLength(100);
  for (let i = 99; i < 127; i++) write(`${i}.json`, 0);
  trimStore(folder, many);
  expect(readdirSync(folder)).toHaveLength(127);
  for (let i = 127; i < 201; i++) write(`${i}.json`, 0);
  trimStore(folder, many);
  expect(readdirSync(folder)).toHaveLength(150);
});

test("a file of use is marked so once a minute", () => {
  expect(isStale(Date.now() - 50_000)).toBe(false);
  expect(isStale(Date.now() - 70_000)).toBe(true);
});
