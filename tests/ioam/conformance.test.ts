/** `hopmark ioam conformance`: the kernel's transit and Hopmark's are equal on the whole matrix but for what is listed. */
import { existsSync, readdirSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { runHopmark, startHopmark } from "../../src/cli/fixtures/program.ts";
import type { ConformanceReport } from "../../src/cli/conformance/run-conformance.ts";
import { PIN_ROOT } from "../../src/bpf/pin/place.ts";
import { labList } from "../../src/lab/lab.ts";
import { ruleGroups } from "../../src/mark/ioam/conformance/cases.ts";
import { knownDifferences } from "../../src/mark/ioam/conformance/known-differences.ts";

vi.setConfig({ testTimeout: 60_000 });

const leftOf = (pid: number | undefined): string[] => {
  const name = `conformance-${pid}`;
  const labs = labList().filter((lab) => lab.name === name);
  const namespaces = readdirSync("/run/netns").filter((one) => one.startsWith(name));
  return [...labs.map((lab) => lab.name), ...namespaces];
};

test("every difference has a reason, and every reason a difference", async () => {
  const ended = await runHopmark(["ioam", "conformance", "--json"]);
  expect(ended).toMatchObject({ status: 0, stderr: "" });
  const report = JSON.parse(ended.stdout) as ConformanceReport;
  const packets = ruleGroups.flatMap(({ cases }) => cases).length;
  expect(report.packets).toBe(packets);
  expect(report.unexplained).toEqual([]);
  expect(new Set(report.differences.map(({ what }) => what))).toEqual(
    new Set(knownDifferences.map(({ what }) => what)),
  );
  // Every rule was really applied, by both.
  const handled = (node: string): Record<string, number> => {
    const sum: Record<string, number> = {};
    for (const rule of report.rules) {
      for (const [handling, count] of Object.entries(rule.handled[node] ?? {}))
        sum[handling] = (sum[handling] ?? 0) + count;
    }
    return sum;
  };
  expect(handled("kernel")).toEqual(handled("tc"));
  expect(handled("kernel")).toEqual(handled("xdp"));
  expect(report.nodes).toEqual(["kernel", "tc", "xdp"]);
  expect(Object.keys(handled("kernel")).sort()).toEqual(["dropped", "filled", "overflow set", "untouched"]);
  expect(Object.keys(handled("nobody")).sort()).toEqual(["dropped", "untouched"]);
});

test("Ctrl-C in the middle leaves nothing behind", async () => {
  const running = startHopmark(["ioam", "conformance"]);
  const { pid } = running.child;
  const inodes = await vi.waitFor(
    () => {
      const lab = labList().find((one) => one.name === `conformance-${pid}`);
      const own = lab?.nodes.map(({ inode }) => inode) ?? [];
      // Its transit is being attached.
      if (!own.some((inode) => existsSync(`${PIN_ROOT}/netns-${inode}`))) throw new Error("not yet");
      return own;
    },
    { timeout: 50_000, interval: 5 },
  );
  running.child.kill("SIGINT");
  const { status, stdout } = await running.ended;
  expect({ status, stdout }).toEqual({ status: 130, stdout: "" });
  expect(leftOf(pid)).toEqual([]);
  for (const inode of inodes) expect(existsSync(`${PIN_ROOT}/netns-${inode}`)).toBe(false);
});
