import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { cString, syscall } from "./ffi.ts";
import { temporaryNetns } from "./fixtures/temporary-netns.ts";
import { cgroup2Path, filesystemMagic, inInitialMountNamespace, Magic, mounts } from "./mounts.ts";

test("mounts have ids, paths and types; blanks in a path are decoded", () => {
  expect(mounts()).toContainEqual(expect.objectContaining({ path: "/proc", type: "proc" }));
  const path = `/tmp/hopmark mount ${process.pid}`;
  mkdirSync(path);
  onTestFinished(() => rmSync(path, { recursive: true }));
  syscall("mount", path, cString("none"), cString(path), cString("tmpfs"), 0, null);
  try {
    expect(mounts()).toContainEqual(expect.objectContaining({ path, type: "tmpfs" }));
  } finally {
    syscall("umount2", path, cString(path), 2);
  }
});

test("filesystems are told by magic", () => {
  expect(filesystemMagic("/sys")).toBe(Magic.sysfs);
  expect(filesystemMagic("/proc/self/ns/net")).toBe(Magic.nsfs);
  expect(filesystemMagic("/no/such")).toBeUndefined();
  const cgroup = cgroup2Path();
  if (cgroup !== undefined) expect(filesystemMagic(cgroup)).toBe(Magic.cgroup2);
});

test("the initial mount namespace is recognised, and that of ip netns exec is another", () => {
  expect(inInitialMountNamespace()).toBe(true);
  const { name } = temporaryNetns();
  const here = new Set(mounts(1).map((mount) => mount.id));
  const text = execFileSync("ip", ["netns", "exec", name, "cat", "/proc/self/mountinfo"], { encoding: "utf8" });
  const there = text
    .trimEnd()
    .split("\n")
    .map((line) => Number(line.split(" ")[0]));
  expect(there.length).toBeGreaterThan(3);
  expect(there.filter((id) => here.has(id))).toEqual([]);
});
