import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Answer, Feature } from "../../bpf/features.ts";
import type { Offload, OffloadState } from "../../linux/ethtool.ts";
import type { KernelFacts } from "../../linux/kernel-facts.ts";
import { plainStyle } from "../framework/style.ts";
import { bpfChecks } from "./bpf-checks.ts";
import { diagnosisOf, type Check } from "./check.ts";
import { diagnosisText } from "./doctor-text.ts";
import { examine } from "./examine.ts";
import { interfaceCheck } from "./interface-checks.ts";
import { ioamChecks } from "./ioam-checks.ts";
import { iproute2Facts } from "./iproute2-facts.ts";
import { fileSystemChecks, kernelChecks } from "./kernel-checks.ts";
import { rightsChecks } from "./rights-checks.ts";

const facts: KernelFacts = {
  release: "6.18.1",
  arch: "x64",
  lockdown: "integrity",
  jit: 1,
  unprivilegedBpfDisabled: 2,
  btf: true,
  cgroup2Path: "/sys/fs/cgroup",
  bpffs: true,
  inInitialMountNamespace: true,
};

const statusOf = (checks: readonly Check[], name: string): string | undefined =>
  checks.find((check) => check.name === name)?.status;

test.each<[Partial<KernelFacts>, string, string]>([
  [{}, "type information", "ok"],
  [{ btf: false }, "type information", "warn"],
  [{ jit: 0 }, "JIT", "warn"],
  [{ jit: undefined }, "JIT", "ok"],
  [{ lockdown: "confidentiality" }, "lockdown", "warn"],
  [{ unprivilegedBpfDisabled: 0 }, "unprivileged BPF", "warn"],
  [{ bpffs: false }, "bpffs", "ok"],
  [{ bpffs: false, inInitialMountNamespace: false }, "bpffs", "missing"],
  [{ cgroup2Path: undefined }, "cgroup2", "warn"],
])("%j: %s is %s", (part, name, status) => {
  const checks = [...kernelChecks({ ...facts, ...part }), ...fileSystemChecks({ ...facts, ...part })];
  expect(statusOf(checks, name)).toBe(status);
});

test("missing capabilities come with what to do", () => {
  const checks = rightsChecks(new Set(["CAP_NET_ADMIN", "CAP_BPF"]), false);
  expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
    "CAP_BPF ok",
    "CAP_NET_ADMIN ok",
    "CAP_PERFMON warn",
    "CAP_NET_RAW warn",
    "CAP_SYS_ADMIN missing",
  ]);
  expect(checks.every(({ status, remedy }) => (status === "ok") === (remedy === undefined))).toBe(true);
  expect(rightsChecks(new Set(), true)[0]?.remedy).toContain("--cap-add BPF");
});

describe("BPF", () => {
  const answering =
    (answers: Partial<Record<Feature, Answer["answer"]>>) =>
    (feature: Feature): Answer => ({ answer: answers[feature] ?? "yes", why: "tried" });

  test.each<[Partial<Record<Feature, Answer["answer"]>>, string, string]>([
    [{}, "XDP", "ok"],
    [{ "xdp-native": "no" }, "XDP", "missing"],
    [{ "test-run": "no" }, "test runs", "warn"],
    [{ tcx: "no" }, "attaching at tc", "ok"],
    [{ tcx: "no", clsact: "no" }, "attaching at tc", "missing"],
    [{ tcx: "unknown", clsact: "unknown" }, "attaching at tc", "warn"],
    [{ ringbuf: "unknown" }, "ring buffer", "warn"],
    [{ xdp: "unknown" }, "XDP", "warn"],
    [{ ringbuf: "no" }, "memory lock limit", "warn"],
  ])("%j: %s is %s", (answers, name, status) => {
    const checks = bpfChecks(answering(answers), 65536);
    expect(statusOf(checks, name)).toBe(status);
    expect(checks.every((check) => (check.status === "ok") === (check.remedy === undefined))).toBe(true);
  });
});

test.each([
  ["run it elsewhere", "missing", "run it elsewhere"],
  [undefined, "warn", "run hopmark doctor with more rights"],
])("where bpf(2) may not be called that is one line; with the rights for it (%s) it is %s", (remedy, status, says) => {
  const why = "a seccomp filter is on this process";
  const checks = bpfChecks(() => ({ answer: "unknown", why }), 65536, remedy);
  expect(checks).toMatchObject([
    { name: "bpf(2)", status, remedy: says, detail: expect.stringContaining(why) as string },
  ]);
});

test.each([
  [true, "missing", "ok"],
  ["the kernel has no IOAM6", "n", "missing"],
])("IOAM %s", (family, _, status) => {
  const checks = ioamChecks({ family: family as true | string, routeEncapsulation: "n", iproute2: null });
  expect(statusOf(checks, "IOAM6")).toBe(status);
  expect(statusOf(checks, "route encapsulation")).toBe("ok");
});

test("iproute2 with and without IOAM, or not there, is told from its program", () => {
  const path = mkdtempSync(join(tmpdir(), "hopmark-iproute2-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  expect(iproute2Facts(path)).toBeNull();
  writeFileSync(join(path, "ip"), "Usage: ip link");
  expect(iproute2Facts(`/nosuch:${path}`)).toBe("none");
  // The tests' own, of Debian.
  expect(iproute2Facts(process.env["PATH"] ?? "")).toBe("ioam");
  for (const iproute2 of [null, "none", "ioam"] as const) {
    const checks = ioamChecks({ family: true, routeEncapsulation: undefined, iproute2 });
    expect(statusOf(checks, "iproute2")).toBe("ok");
  }
});

describe("offloads", () => {
  const offloads = (...on: Offload[]): Map<Offload, OffloadState> =>
    new Map(on.map((offload) => [offload, { state: "on", fixed: false }]));

  test.each<[string | undefined, number, Offload[], string, string | undefined]>([
    ["veth", 1500, ["gro"], "ok", undefined],
    ["veth", 1500, ["tx", "gro"], "warn", "ethtool -K eth0 tx off"],
    ["veth", 1500, ["tx"], "warn", "ethtool -K eth0 tx off gro on"],
    [undefined, 1500, ["tx", "tso", "gso"], "ok", undefined],
    [undefined, 1500, ["lro"], "warn", "ethtool -K eth0 lro off"],
    [undefined, 9000, [], "warn", undefined],
  ])("%s, MTU %i, %j: %s", (kind, mtu, on, status, remedy) =>
    expect(interfaceCheck({ name: "eth0", kind, mtu }, offloads(...on))).toMatchObject(
      remedy === undefined ? { status } : { status, remedy },
    ),
  );
});

test("text shows groups, and remedies beneath", () => {
  const checks: Check[] = [
    { group: "kernel", name: "JIT", status: "ok", detail: "on" },
    { group: "rights", name: "CAP_BPF", status: "missing", detail: "to load", remedy: "sudo" },
  ];
  expect(diagnosisText(diagnosisOf(checks), plainStyle)).toBe(`kernel
  ok       JIT      on

rights
  missing  CAP_BPF  to load
           -> sudo

something that is needed is missing`);
});

test("what helps several is said once, and wide lines are broken between words", () => {
  const part = { group: "rights", status: "missing", remedy: "run hopmark as root" } as const;
  const checks: Check[] = [
    { ...part, name: "CAP_BPF", detail: "to load BPF programs and make maps" },
    { ...part, name: "CAP_X", detail: "to do x" },
  ];
  expect(diagnosisText(diagnosisOf(checks), plainStyle, 44)).toBe(`rights
  missing  CAP_BPF  to load BPF programs and
                    make maps
  missing  CAP_X    to do x

-> run hopmark as root: CAP_BPF, CAP_X

something that is needed is missing`);
});

test("what to type works where the interface is", () => {
  const on = new Map<Offload, OffloadState>([
    ["tx", { state: "on", fixed: false }],
    ["gro", { state: "on", fixed: false }],
  ]);
  const link = { name: "v0", kind: "veth", mtu: 1500 };
  expect(interfaceCheck(link, on, "hm-x").remedy).toBe("ip netns exec hm-x ethtool -K v0 tx off");
  expect(interfaceCheck(link, on, "/run/x/net").remedy).toBe("nsenter --net=/run/x/net ethtool -K v0 tx off");
  expect(interfaceCheck(link, on, "1").remedy).toBe("nsenter --net=/proc/1/ns/net ethtool -K v0 tx off");
  expect(interfaceCheck(link, on).detail).toMatch(
    /changes frames or redirects them; one that passes them as they are does no harm/,
  );
});

describe("this machine", () => {
  test("has what is needed: the tests run on it", () => {
    const diagnosis = examine({});
    expect(diagnosis.checks.filter(({ status }) => status === "missing")).toEqual([]);
    expect(diagnosis.ok).toBe(true);
  });

  test("an interface or namespace that is not there is named", () => {
    expect(() => examine({ device: "nosuch0" })).toThrow("nosuch0");
    expect(() => examine({ netns: "hm-none" })).toThrow("hm-none");
  });
});
