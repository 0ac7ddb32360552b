import { expect, test } from "vitest";
import { UnsupportedError } from "../../errors.ts";
import { refuseWithoutHandover } from "./handover-support.ts";

test("refused where the kernel tells nothing of its types, or lacks a tracepoint; not here", () => {
  const without = () => {
    throw new UnsupportedError("kernel-btf", "no type information");
  };
  expect(() => refuseWithoutHandover(without)).toThrow(/do not see its tracepoint net_dev_start_xmit/);
  const lacking = () => ({
    typeId: (_kind: string, name: string) => (name === "btf_trace_kfree_skb" ? undefined : 7),
  });
  expect(() => refuseWithoutHandover(lacking)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining("CONFIG_DEBUG_INFO_BTF") }),
  );
  expect(() => refuseWithoutHandover()).not.toThrow();
});
