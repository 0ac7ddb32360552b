import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, rmdirSync } from "node:fs";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { CgroupSkb } from "../../kernel/cgroup-context.ts";
import { Xdp } from "../../kernel/context.ts";
import { variable } from "../../kernel/maps.ts";
import { temporaryNetns } from "../../linux/fixtures/temporary-netns.ts";
import { u64 } from "../../wire/layout.ts";
import { temporaryCgroup } from "../fixtures/cgroup.ts";
import { counting, returning } from "../fixtures/programs.ts";
import { load } from "../instance.ts";
import type { LoadedProgram } from "../loaded-program.ts";
import { cgroupRoot } from "./cgroup.ts";
import type { Attachment } from "./attachment.ts";

/** A cgroup and a namespace with a loopback, and how many of `times` echo requests from there are answered. */
const lab = () => {
  const { name } = temporaryNetns();
  const group = temporaryCgroup();
  execFileSync("ip", ["-n", name, "link", "set", "lo", "up"]);
  const ping = (times: number): number => {
    const script = `ping -n -i 0.01 -W 1 -c ${times} 127.0.0.1 2>&1 || true`;
    return Number(/(\d+) received/.exec(group.run(name, "sh", "-c", script))?.[1] ?? NaN);
  };
  return { path: group.path, ping };
};

const loaded = (compiled: Parameters<typeof load>[0]): LoadedProgram => {
  const program = load(compiled);
  onTestFinished(() => program.close());
  return program;
};

const detachedInTheEnd = (attachment: Attachment): Attachment => {
  onTestFinished(() => attachment.close());
  return attachment;
};

describe.each(["ingress", "egress"] as const)("packets at %s", (direction) => {
  test("are seen by a program until it is detached", () => {
    const { path, ping } = lab();
    const packets = variable(u64, 0n);
    const program = loaded(counting("cgroupSkb", packets, CgroupSkb.Allow));
    const attachment = detachedInTheEnd(program.attachCgroup(path, direction));
    expect(attachment).toMatchObject({ hook: direction, mechanism: "cgroup", ifindex: 0 });
    expect(attachment.programId).toBe(program.info().id);
    expect(ping(3)).toBe(3);
    const seen = program.map(packets).value;
    expect(seen).toBeGreaterThanOrEqual(3n);
    attachment.detach();
    attachment.detach();
    expect(ping(1)).toBe(1);
    expect(program.map(packets).value).toBe(seen);
  });

  test("are denied, and let through again by a program in its place", () => {
    const { path, ping } = lab();
    const attachment = detachedInTheEnd(
      loaded(returning("cgroupSkb", CgroupSkb.Deny, "wall")).attachCgroup(path, direction),
    );
    expect(ping(1)).not.toBe(1);
    attachment.replace(loaded(returning("cgroupSkb", CgroupSkb.Allow, "door")));
    expect(ping(1)).toBe(1);
  });
});

test("an attachment whose cgroup went says so, and can be detached", async () => {
  const path = `${cgroupRoot()}/hm-gone-${process.pid}`;
  mkdirSync(path);
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const attachment = detachedInTheEnd(loaded(returning("cgroupSkb", CgroupSkb.Allow)).attachCgroup(path));
  expect(attachment.isGone).toBe(false);
  rmdirSync(path);
  // The kernel lets go of it in its own time.
  await vi.waitFor(() => expect(attachment.isGone).toBe(true));
  attachment.detach();
});

test("groups outside are left alone", () => {
  const [one, other] = [lab(), lab()];
  detachedInTheEnd(loaded(returning("cgroupSkb", CgroupSkb.Deny)).attachCgroup(one.path, "egress"));
  expect(other.ping(1)).toBe(1);
});

test.each<[path: string, says: RegExp]>([
  ["/proc", /not under a cgroup2 mount/],
  [`${cgroupRoot()}/hm-no-such-group`, /no such directory/],
  [`${cgroupRoot()}/cgroup.procs`, /no directory/],
])("%s is no cgroup", (path, says) => {
  const program = loaded(returning("cgroupSkb", CgroupSkb.Allow));
  expect(() => program.attachCgroup(path)).toThrow(says);
  expect(() => program.attachCgroup(path)).toThrow(expect.objectContaining({ code: "no-cgroup" }));
});

test("programs of other types do not go there", () => {
  expect(() => loaded(returning("xdp", Xdp.Pass)).attachCgroup(temporaryCgroup().path)).toThrow(/made with xdp\(\)/);
});
