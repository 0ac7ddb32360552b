import { execFileSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { addressOf, close, keepAlive, syscall } from "../ffi.ts";
import { temporaryRtnetlink } from "../fixtures/temporary-netns.ts";
import type { Netns } from "../netns.ts";
import { withNetns } from "../with-netns.ts";
import { createVeth, linkByName, setLink } from "./links.ts";
import { addClsact, attachFilter, deleteClsact, deleteFilter, filters, qdiscs } from "./traffic-control.ts";

/** A classifier that returns `verdict`: `r0 = verdict; exit`. */
function loadClassifier(verdict: number): number {
  const instructions = new Uint8Array([0xb7, 0, 0, 0, verdict, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]);
  const license = new TextEncoder().encode("GPL\0");
  const attribute = new DataView(new ArrayBuffer(48));
  attribute.setUint32(0, 3, true); // BPF_PROG_TYPE_SCHED_CLS
  attribute.setUint32(4, 2, true);
  attribute.setBigUint64(8, addressOf(instructions), true);
  attribute.setBigUint64(16, addressOf(license), true);
  const fd = syscall("bpf", "program", 5, attribute, attribute.byteLength);
  keepAlive(instructions, license);
  onTestFinished(() => close(fd));
  return fd;
}

function tc(netns: Netns, ...args: string[]): string {
  return withNetns(netns, () => execFileSync("tc", args, { encoding: "utf8" }));
}

test("clsact comes and goes", () => {
  const { netns, route } = temporaryRtnetlink();
  createVeth(route, { name: "west" }, { name: "east" });
  const { index } = linkByName(route, "west");
  expect(filters(route, index, "ingress")).toEqual([]);
  addClsact(route, index);
  expect(qdiscs(route, index)).toContainEqual(
    expect.objectContaining({ kind: "clsact", device: index, handle: 0xffff0000, backlogBytes: 0 }),
  );
  setLink(route, 1, { up: true });
  expect(qdiscs(route)).toContainEqual(expect.objectContaining({ kind: "noqueue", device: 1 }));
  expect(tc(netns, "qdisc", "show", "dev", "west")).toContain("qdisc clsact ffff: parent ffff:fff1");
  expect(() => addClsact(route, index)).toThrow("EEXIST");
  deleteClsact(route, index);
  expect(tc(netns, "qdisc", "show", "dev", "west")).not.toContain("clsact");
});

test("filters: attach, list, replace, delete", () => {
  const { netns, route } = temporaryRtnetlink();
  createVeth(route, { name: "west" }, { name: "east" });
  const { index } = linkByName(route, "west");
  addClsact(route, index);
  const ingress = { device: index, direction: "ingress", priority: 40000, handle: 1 } as const;
  const egress = { device: index, direction: "egress", priority: 2, handle: 7 } as const;
  const [first, second] = [loadClassifier(0), loadClassifier(2)];

  attachFilter(route, ingress, { fd: first, name: "first" });
  attachFilter(route, egress, { fd: first, name: "out" });
  expect(() => attachFilter(route, ingress, { fd: second, name: "second" })).toThrow("EEXIST");
  const [before] = filters(route, index, "ingress");
  expect(before).toMatchObject({ ...ingress, kind: "bpf", name: "first" });
  expect(filters(route, index, "egress")).toMatchObject([{ ...egress, name: "out", programId: before?.programId }]);
  const shown = tc(netns, "filter", "show", "dev", "west", "ingress");
  expect(shown).toContain("protocol all pref 40000 bpf chain 0 handle 0x1 first direct-action");
  expect(shown).toContain(`id ${before?.programId}`);
  expect(shown).toContain(`tag ${before?.programTag}`);

  attachFilter(route, ingress, { fd: second, name: "second" }, { replace: true });
  const [after] = filters(route, index, "ingress");
  expect(after).toMatchObject({ ...ingress, name: "second" });
  expect(after?.programId).not.toBe(before?.programId);

  deleteFilter(route, ingress);
  expect(filters(route, index, "ingress")).toEqual([]);
  expect(filters(route, index, "egress")).toHaveLength(1);
  expect(() => deleteFilter(route, ingress)).toThrow("RTM_DELTFILTER (ingress filter 40000:1): ENOENT");
});
