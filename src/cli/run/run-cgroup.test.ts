/** `hopmark run` with a program of a cgroup, in a cgroup and a network namespace of the test's own. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, expect, onTestFinished, test, vi } from "vitest";
import { temporaryCgroup } from "../../bpf/fixtures/cgroup.ts";
import { temporaryNetns } from "../../linux/fixtures/temporary-netns.ts";
import { runHopmark, startHopmark } from "../fixtures/program.ts";
import { UserFolder } from "../fixtures/user-folder.ts";

// A process a test, each of which loads its sources.
vi.setConfig({ testTimeout: 60_000 });

const folder = new UserFolder();
afterAll(() => folder.remove());

const example = fileURLToPath(new URL("../../../examples/count-sources.bpf.ts", import.meta.url));
const silence = folder.write(
  "silence.bpf.ts",
  `import { CgroupSkb, cgroupSkb, u64, variable } from "hopmark/kernel";
const packets = variable(u64, 0n, { name: "packets" });
export const silence = cgroupSkb((ctx) => {
  packets.value = BigInt.asUintN(64, packets.value + 1n);
  return ctx.protocol === 0x0800 ? CgroupSkb.Deny : CgroupSkb.Allow;
});
`,
);

test("is attached to the cgroup that is named, and detached in the end", async () => {
  const { name } = temporaryNetns();
  const group = temporaryCgroup();
  execFileSync("ip", ["-n", name, "link", "set", "lo", "up"]);
  const answers = (): string => group.run(name, "sh", "-c", "ping -q -c 1 -W 1 127.0.0.1 2>&1 || true");
  const running = startHopmark(["run", silence, "--cgroup", group.path, "--hook", "egress", "--json"]);
  onTestFinished(() => void running.child.kill("SIGKILL"));
  const [first = ""] = await running.lines(1);
  expect(JSON.parse(first)).toMatchObject({
    type: "attached",
    program: "silence",
    cgroup: group.path,
    hook: "egress",
    mechanism: "cgroup",
  });
  expect(answers()).not.toContain(" 1 received");
  running.child.kill("SIGTERM");
  const { status, stdout, stderr } = await running.ended;
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({ type: "summary", program: "silence" });
  expect(answers()).toContain(" 1 received");
});

test.each<[string, readonly string[], RegExp]>([
  [
    "an interface for a cgroup's program",
    [silence, "--dev", "lo"],
    /--dev is for .*xdp\(\) or tc\(\).*cgroupSkb\(\)\n.*--cgroup PATH/,
  ],
  [
    "a cgroup for an interface's program",
    [example, "--cgroup", "/tmp"],
    /--cgroup is for .*cgroupSkb\(\).*xdp\(\)\n.*--dev DEVICE/,
  ],
  ["what is no cgroup", [silence, "--cgroup", "/proc"], /\/proc is no cgroup.*\n.*\/proc\/self\/cgroup/],
])("%s is refused", async (_, words, message) => {
  const ended = await runHopmark(["run", ...words, "--seconds", "0.1"]);
  expect(ended).toMatchObject({ stdout: "" });
  expect(ended.status).not.toBe(0);
  expect(ended.stderr).toMatch(message);
});
