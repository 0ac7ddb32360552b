import { readdirSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { PermissionError } from "../errors.ts";
import { links } from "../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../linux/rtnetlink/socket.ts";
import { kernelBtf } from "./btf/kernel-btf.ts";
import { FEATURES, probeAll } from "./features.ts";
import { ask } from "./features/probe.ts";
import { probeCall } from "./features/try-load.ts";

describe("probes", () => {
  test("find what this kernel has", () => {
    const answers = probeAll();
    for (const feature of FEATURES) {
      const { answer, why } = answers.get(feature) ?? { answer: "missing", why: "" };
      expect(answer, `${feature}: ${why}`).toBe("yes");
      expect(why).not.toBe("");
    }
  });

  test.each([
    ["xdp", "bpf_skb_adjust_room", 50],
    ["xdp", "bpf_skb_set_tstamp", 192],
    ["tc", "bpf_xdp_adjust_head", 44],
    ["tc", "of a number nobody has", 9999],
  ] as const)("%s programs have no helper %s", (type, name, number) => {
    const { answer, why } = probeCall(type, name, number, 0);
    expect(answer).toBe("no");
    expect(why).toMatch(/cannot use helper|invalid func|unknown func/);
  });

  test("a kernel function that programs may not call", () => {
    const id = kernelBtf().typeId("func", "tcp_v4_rcv") ?? 0;
    expect(id).toBeGreaterThan(0);
    expect(probeCall("tc", "tcp_v4_rcv", id, 2)).toMatchObject({ answer: "no" });
  });

  test("leave no descriptor, interface or namespace behind", async () => {
    // As a process that has asked nothing yet: answers are kept.
    vi.resetModules();
    const { probe } = await import("./features.ts");
    const route = openRtnetlink();
    const state = (): unknown => [readdirSync("/proc/self/fd").length, links(route).map((link) => link.name)];
    const before = state();
    for (const feature of FEATURES) probe(feature);
    expect(state()).toEqual(before);
    route.close();
  });

  test("a probe that may not ask cannot tell", () => {
    const answer = ask(() => {
      throw new PermissionError("CAP_BPF", "loading is not permitted: CAP_BPF is missing");
    });
    expect(answer).toEqual({ answer: "unknown", why: "loading is not permitted: CAP_BPF is missing" });
  });
});
