import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { Helper } from "../frontend/intrinsics/helper.ts";
import { helperName } from "./helper-names.ts";

test("every helper that programs call is named as the running kernel names it", () => {
  // Its types list the helpers by number; strings beside numbers is all that is asked of bpftool.
  const dumped = execFileSync("bpftool", ["btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "raw"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const kernels = new Map<number, string>();
  for (const [, name = "", number] of dumped.matchAll(/'BPF_FUNC_(\w+)' val=(\d+)$/gm))
    kernels.set(Number(number), name);
  for (const number of Object.values(Helper)) expect(helperName(number)).toBe(`bpf_${kernels.get(number)}`);
  expect(helperName(9999)).toBe("helper");
});
