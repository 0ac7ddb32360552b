import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { kernelConfig, kernelFacts } from "./kernel-facts.ts";

test("facts agree with what the system's own tools say", () => {
  const facts = kernelFacts();
  expect(facts.release).toBe(execFileSync("uname", ["-r"], { encoding: "utf8" }).trim());
  expect(facts.btf).toBe(existsSync("/sys/kernel/btf/vmlinux"));
  expect([0, 1, 2]).toContain(facts.jit);
  const bpffs = execFileSync("stat", ["-f", "-c", "%T", "/sys/fs/bpf"], { encoding: "utf8" }).trim();
  expect(facts.bpffs).toBe(bpffs === "bpf_fs");
  expect(["none", "integrity", "confidentiality", undefined]).toContain(facts.lockdown);
});

test("configuration: set, not set, or unknown", () => {
  if (kernelConfig("CONFIG_NET") === undefined) return;
  expect(kernelConfig("CONFIG_NET")).toBe("y");
  expect(kernelConfig("CONFIG_NO_SUCH_OPTION")).toBe("n");
});
