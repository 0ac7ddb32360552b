import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PermissionError } from "../errors.ts";
import { capabilityName, effectiveCapabilities, missingCapabilities, requireCapabilities } from "./capabilities.ts";

test("the effective set is the one of /proc, by the names that setpriv uses", () => {
  const effective = effectiveCapabilities();
  const line = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/thread-self/status", "utf8"));
  const bits = BigInt(`0x${line?.[1]}`).toString(2).replaceAll("0", "").length;
  expect(effective.size).toBe(bits);
  const known = execFileSync("setpriv", ["--list-caps"], { encoding: "utf8" }).trim().split("\n");
  for (const name of effective) expect(known).toContain(name.slice(4).toLowerCase());
});

test.each([
  ["net_admin", "CAP_NET_ADMIN"],
  ["sys_admin", "CAP_SYS_ADMIN"],
  ["perfmon", "CAP_PERFMON"],
  ["bpf", "CAP_BPF"],
])("the bit of %s is the kernel's", (dropped, name) => {
  const args = [`--bounding-set=-${dropped}`, "grep", "CapEff", "/proc/self/status"];
  const line = execFileSync("setpriv", args, { encoding: "utf8" });
  const left = BigInt(`0x${line.split(/\s+/)[1]}`);
  const full = BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]}`);
  const bit = (full ^ left).toString(2).length - 1;
  expect(capabilityName(bit)).toBe(name);
});

test("what is missing is named with its purpose and a remedy", () => {
  const some = new Set(["CAP_NET_ADMIN"]);
  expect(missingCapabilities(["CAP_BPF", "CAP_NET_ADMIN"], some)).toEqual(["CAP_BPF"]);
  expect(missingCapabilities(["CAP_BPF", "CAP_PERFMON", "CAP_NET_RAW"], new Set(["CAP_SYS_ADMIN"]))).toEqual([
    "CAP_NET_RAW",
  ]);
  const refuse = () => requireCapabilities("the demo", ["CAP_SYS_ADMIN", "CAP_NET_ADMIN"], some);
  expect(refuse).toThrow(PermissionError);
  expect(refuse).toThrow("the demo needs CAP_SYS_ADMIN (to make and enter network namespaces, and mount bpffs)");
  requireCapabilities("nothing", ["CAP_NET_ADMIN"], some);
});
