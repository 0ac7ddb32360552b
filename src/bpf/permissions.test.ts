/** What people see who may not. The capabilities of this thread are taken away for the length of a call. */
import { expect, test, vi } from "vitest";
import { PermissionError } from "../errors.ts";
import { temporaryNetns } from "../linux/fixtures/temporary-netns.ts";
import { withNetns } from "../linux/with-netns.ts";
import { hashMap } from "../kernel/maps.ts";
import { u32 } from "../wire/layout.ts";
import { load } from "./instance.ts";
import { createMap } from "./maps/create.ts";
import { returning } from "./fixtures/programs.ts";
import { without } from "./fixtures/without-capabilities.ts";

const refusal = (run: () => unknown): PermissionError => {
  try {
    run();
  } catch (error) {
    if (error instanceof PermissionError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

test("loading without CAP_BPF names it and says how to give it", () => {
  const error = without(["CAP_BPF", "CAP_SYS_ADMIN"], () => refusal(() => load(returning("xdp", 2))));
  expect(error.capability).toBe("CAP_BPF");
  expect(error.message).toMatch(/is not permitted: CAP_BPF is missing/);
  expect(error.hint).toMatch(/CAP_BPF|cap_bpf|bpf/);
});

test("a namespace that may not be entered is named, with the capability", () => {
  const netns = temporaryNetns();
  const error = without(["CAP_SYS_ADMIN"], () => refusal(() => withNetns(netns, () => 0)));
  expect(error).toMatchObject({
    capability: "CAP_SYS_ADMIN",
    message: `entering network namespace ${netns.name} is not permitted: CAP_SYS_ADMIN is missing`,
  });
});

test("several that are missing are said to be", () => {
  const all = ["CAP_BPF", "CAP_NET_ADMIN", "CAP_SYS_ADMIN"] as const;
  const error = without(all, () => refusal(() => load(returning("xdp", 2))));
  expect(error.message).toMatch(/CAP_BPF and CAP_NET_ADMIN are missing$/);
});

test("loading without CAP_NET_ADMIN names that", () => {
  const error = without(["CAP_NET_ADMIN", "CAP_SYS_ADMIN"], () => refusal(() => load(returning("tc", 0))));
  expect(error.capability).toBe("CAP_NET_ADMIN");
});

test("maps too", () => {
  const make = () => createMap(hashMap(u32, u32, { entries: 1 }));
  const error = without(["CAP_BPF", "CAP_SYS_ADMIN"], () => refusal(make));
  expect(error.message).toBe("MAP_CREATE (map hash (hash)) is not permitted: CAP_BPF is missing");
});

test("probes cannot tell, and can once they may ask", async () => {
  // As a process that has asked nothing yet: answers are kept.
  vi.resetModules();
  const { FEATURES, probe } = await import("./features.ts");
  const all = ["CAP_BPF", "CAP_SYS_ADMIN", "CAP_NET_ADMIN"] as const;
  for (const feature of FEATURES.filter((own) => own !== "kernel-btf")) {
    const { answer, why } = without(all, () => probe(feature));
    expect(answer, `${feature}: ${why}`).toBe("unknown");
    expect(why).toMatch(/CAP_|EPERM|not say/);
  }
  expect(probe("xdp").answer).toBe("yes");
});
