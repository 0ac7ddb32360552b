import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { SyscallError } from "../errors.ts";
import { addressOf, cString, close, Errno, errnoName, keepAlive, mmap, rawSyscall, syscall } from "./ffi.ts";
import { syscallNumber } from "./syscall-numbers.ts";

const directory = mkdtempSync(join(tmpdir(), "hopmark-ffi-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("a call returns the kernel's value", () => {
  expect(syscall("getpid", undefined)).toBe(process.pid);
});

test("rawSyscall returns -errno", () => {
  expect(rawSyscall(syscallNumber("close"), -1)).toBe(-Errno.EBADF);
  expect(rawSyscall(syscallNumber("close"), -1n)).toBe(-Errno.EBADF);
});

test("syscall throws with call, errno and object", () => {
  const path = join(directory, "absent");
  const open = () => syscall("openat", path, -100, cString(path), 0, 0);
  expect(open).toThrow(SyscallError);
  expect(open).toThrow(`openat (${path}): ENOENT`);
});

test("negative arguments sign-extend (AT_FDCWD)", () => {
  const fd = syscall("openat", directory, -100, cString(directory), 0, 0);
  expect(fd).toBeGreaterThan(2);
  close(fd);
  expect(() => close(fd)).toThrow("EBADF");
});

test("an address names the first byte of the view, not of its buffer", () => {
  const bytes = new Uint8Array(64);
  expect(addressOf(bytes.subarray(5)) - addressOf(bytes)).toBe(5n);
  expect(addressOf(new DataView(bytes.buffer, 9)) - addressOf(bytes)).toBe(9n);
});

test("memory named inside another structure is read through its address", () => {
  const path = join(directory, "gathered");
  const fd = openSync(path, "w");
  const text = new TextEncoder().encode("hop");
  const messageHeader = new BigUint64Array([addressOf(text), BigInt(text.length)]); // struct iovec
  const writev = process.arch === "x64" ? 20 : 66;
  expect(rawSyscall(writev, fd, messageHeader, 1)).toBe(3);
  keepAlive(text);
  closeSync(fd);
  expect(readFileSync(path, "utf8")).toBe("hop");
});

test("mmap shares memory with the file, and a view that outlives it reads zeros instead of crashing", () => {
  const path = join(directory, "mapped");
  writeFileSync(path, Buffer.alloc(8192, 1));
  const fd = openSync(path, "r+");
  const mapping = mmap(fd, 4096, { write: true }, 4096);
  closeSync(fd);
  const bytes = new Uint8Array(mapping.buffer);
  expect(bytes[0]).toBe(1);
  bytes[0] = 7;
  expect(readFileSync(path)[4096]).toBe(7);
  mapping.unmap();
  mapping.unmap();
  expect(bytes[0]).toBe(0);
  expect(readFileSync(path)[4096]).toBe(7);
});

test.each([
  [1, "EPERM"],
  [-16, "EBUSY"],
  [42, "ENOMSG"],
  [57, "EBADSLT"],
  [59, "EBFONT"],
  [61, "ENODATA"],
  [95, "EOPNOTSUPP"],
  [133, "EHWPOISON"],
  [524, "ENOTSUPP"],
  [58, "errno 58"],
])("errno %i is %s", (number, name) => {
  expect(errnoName(number)).toBe(name);
});

test("the constants and the names agree", () => {
  for (const [name, number] of Object.entries(Errno)) expect(errnoName(number)).toBe(name);
});
