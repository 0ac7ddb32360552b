import { codeOf } from "../fixtures/code-of.ts";
import { closeSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { UnsupportedError } from "../../errors.ts";
import { compile } from "../../compiler/compile.ts";
import { Tc, Xdp } from "../../kernel/context.ts";
import { arrayMap, variable } from "../../kernel/maps.ts";
import { struct, u32, u64 } from "../../wire/layout.ts";
import { cString, syscall } from "../../linux/ffi.ts";
import { filesystemMagic, Magic } from "../../linux/mounts.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { attachFilter, filters } from "../../linux/rtnetlink/traffic-control.ts";
import { kernelBtf } from "../btf/kernel-btf.ts";
import { load } from "../instance.ts";
import type { LoadedProgram } from "../loaded-program.ts";
import { counting, returning } from "../fixtures/programs.ts";
import { tasks } from "../fixtures/tasks.bpf.ts";
import { type End, vethPair } from "../fixtures/veth.ts";
import { Attributes } from "../sys/attributes.ts";
import { tryBpf } from "../sys/bpf.ts";
import { AttachType } from "../sys/constants.ts";
import { BPFFS, bpffsMounted, ensureBpffs } from "./bpffs.ts";
import { layoutHash } from "./layout-hash.ts";
import type { Json } from "./meta.ts";
import { pinObject } from "./object.ts";
import type { PinnedSet } from "./pinned-set.ts";
import { PIN_ROOT, type PinPlace, pinDirectory, placeOf } from "./place.ts";
import { createPins, listPins, openPins, removeLeftovers } from "./registry.ts";

const FEATURE = `test-${process.pid}`;
const packets = variable(u64, 0n, { name: "packets" });

afterAll(() => expect(listPins(FEATURE)).toEqual([]));

const until = async (condition: () => boolean): Promise<void> => {
  const end = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > end) throw new Error("not so after 5 seconds");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const placeAt = (end: End, feature = FEATURE): PinPlace => ({
  netnsInode: end.netns.inode,
  feature,
  device: "west",
  ifindex: end.ifindex,
});

const loaded = (...args: Parameters<typeof load>): LoadedProgram => {
  const program = load(...args);
  onTestFinished(() => program.close());
  return program;
};

const opened = (place: PinPlace, end: End): PinnedSet => {
  const set = openPins(place, end.netns);
  onTestFinished(() => set.close());
  return set;
};

/** Attaches, pins and lets go, as a command does that ends. */
const setUp = (end: End, mechanism: "tcx" | "clsact", options: Json = {}): PinPlace => {
  const place = placeAt(end);
  const program = load(counting("tc", packets, Tc.Ok, "pinned"));
  const link = program.attachTc(end, { direction: "ingress", mechanism });
  createPins(place, {
    attachments: { ingress: link },
    programs: { main: program },
    maps: { packets },
    raw: (map) => program.rawMap(map),
    options,
  });
  link.close();
  program.close();
  onTestFinished(() => {
    if (existsSync(pinDirectory(place))) openPins(place, end.netns).remove();
  });
  return place;
};

describe.each(["tcx", "clsact"] as const)("%s", (mechanism) => {
  test("stays after its maker has let go; is found, read, changed and removed", () => {
    const { west, east } = vethPair();
    const place = setUp(west, mechanism, { prefix: "db02::/64", size: 84 });
    expect(east.ping(2)).toBe(2);
    expect(listPins(FEATURE)).toMatchObject([
      { place, meta: { device: "west", options: { prefix: "db02::/64", size: 84 } } },
    ]);
    expect(readdirSync(pinDirectory(place)).toSorted()).toEqual(["link-ingress", "map-packets", "meta", "prog-main"]);

    const set = opened(place, west);
    const before = set.map("packets", packets).value;
    expect(before).toBeGreaterThan(0n);
    expect(set.isAlive()).toBe(true);
    expect(removeLeftovers().map((own) => own.feature)).not.toContain(FEATURE);

    set.setOptions({ prefix: "db03::/64" });
    expect(opened(place, west).options).toEqual({ prefix: "db03::/64" });

    const wall = loaded(returning("tc", Tc.Drop, "wall"));
    const attachment = set.attachment("ingress");
    expect(attachment).toMatchObject({ hook: "ingress", mechanism, ifindex: west.ifindex });
    attachment?.replace(wall);
    attachment?.close();
    expect(east.ping(1)).toBe(0);
    expect(opened(place, west).attachment("ingress")?.programId).toBe(wall.info().id);

    opened(place, west).remove();
    expect(existsSync(pinDirectory(place))).toBe(false);
    expect(west.run("tc", "qdisc", "show", "dev", "west")).not.toContain("clsact");
    expect(east.ping(1)).toBe(1);
    expect(codeOf(() => openPins(place, west.netns))).toBe("no-pins");
  });

  test("when the namespace goes, what is left of it is found and removed", async () => {
    const { west, deleteWest } = vethPair();
    const place = setUp(west, mechanism);
    deleteWest();
    let removed: PinPlace[] = [];
    await until(() => (removed = removeLeftovers().filter((own) => own.feature === FEATURE)).length > 0);
    expect(removed).toEqual([place]);
    expect(existsSync(pinDirectory(place))).toBe(false);
  });
});

test("an XDP link is kept too, and closing it once unpinned ends it", async () => {
  const { west, east } = vethPair();
  const place = placeAt(west);
  const link = loaded(returning("xdp", Xdp.Drop)).attachXdp(west);
  createPins(place, { attachments: { xdp: link }, options: null });
  onTestFinished(() => {
    if (existsSync(pinDirectory(place))) openPins(place, west.netns).remove();
  });
  link.close();
  expect(east.ping(1)).toBe(0);
  const again = opened(place, west).attachment("xdp");
  again?.unpin();
  again?.close();
  // The kernel drops the last name's hold in its own time.
  await until(() => !west.run("ip", "link", "show", "west").includes("prog/xdp"));
  expect(east.ping(1)).toBe(1);
  openPins(place, west.netns).remove();
});

test("a second set-up on the same device is refused, and the first one stays", () => {
  const { west } = vethPair();
  const place = setUp(west, "tcx");
  const link = loaded(returning("tc", Tc.Next)).attachTc(west, { direction: "egress" });
  onTestFinished(() => link.close());
  expect(codeOf(() => createPins(place, { attachments: { egress: link }, options: null }))).toBe("exists");
  expect(opened(place, west).isAlive()).toBe(true);
});

test("when pinning fails half-way, nothing stays", async () => {
  const { west } = vethPair();
  const place = placeAt(west);
  const link = loaded(returning("tc", Tc.Next)).attachTc(west, { direction: "egress" });
  expect(() => createPins(place, { attachments: { egress: link, "with.dot": link }, options: null })).toThrow();
  expect(existsSync(pinDirectory(place))).toBe(false);
  link.close();
  await until(() => !west.run("bpftool", "net", "show", "dev", "west").includes("constant"));
});

test("a directory whose maker died half-way is a leftover", () => {
  const { west } = vethPair();
  const place = placeAt(west);
  ensureBpffs();
  mkdirSync(pinDirectory(place), { recursive: true });
  loaded(returning("tc", Tc.Next))
    .attachTc(west, { direction: "egress" })
    .pin(`${pinDirectory(place)}/link-egress`);
  expect(listPins(FEATURE)).toEqual([]);
  expect(removeLeftovers()).toContainEqual(place);
  expect(existsSync(pinDirectory(place))).toBe(false);
});

describe("at a clsact, whose filters outlive their maker", () => {
  const clsactOf = (end: End): string => end.run("tc", "qdisc", "show", "dev", "west", "clsact");

  test("one that died before its note leaves nothing", () => {
    const { west, east } = vethPair();
    const place = placeAt(west);
    ensureBpffs();
    mkdirSync(pinDirectory(place), { recursive: true });
    const pin = `${pinDirectory(place)}/link-ingress`;
    loaded(returning("tc", Tc.Drop)).attachTc(west, { direction: "ingress", mechanism: "clsact", pin });
    expect(east.ping(1)).toBe(0);
    expect(removeLeftovers()).toContainEqual(place);
    expect(existsSync(pinDirectory(place))).toBe(false);
    expect(clsactOf(west)).toBe("");
    expect(east.ping(1)).toBe(1);
  });

  test.each([
    ["made for it goes", ["link-ingress-clsact"], ""],
    ["of another stays", ["link-ingress"], "clsact"],
  ])("a qdisc without a filter, %s", (_, pins, left) => {
    const { west } = vethPair();
    const place = placeAt(west);
    ensureBpffs();
    mkdirSync(pinDirectory(place), { recursive: true });
    const program = loaded(returning("tc", Tc.Next));
    for (const name of pins) pinObject(program.fd, `${pinDirectory(place)}/${name}`);
    west.run("tc", "qdisc", "add", "dev", "west", "clsact");
    expect(removeLeftovers()).toContainEqual(place);
    expect(clsactOf(west)).toContain(left);
    expect(clsactOf(west) === "").toBe(left === "");
  });

  test("one that died while it replaced a program: the new one is found, replaced and removed", () => {
    const { west, east } = vethPair();
    const place = setUp(west, "clsact");
    const set = opened(place, west);
    const wall = loaded(returning("tc", Tc.Drop, "pinned"));
    const before = set.attachment("ingress")!;
    pinObject(wall.fd, `${pinDirectory(place)}/link-ingress-new`);
    const route = openRtnetlink(west.netns);
    onTestFinished(() => route.close());
    const [filter] = filters(route, west.ifindex, "ingress");
    attachFilter(route, filter!, { fd: wall.fd, name: filter!.name! }, { replace: true });
    before.close();
    expect(east.ping(1)).toBe(0);
    expect(set.isAlive()).toBe(true);
    const attachment = set.attachment("ingress");
    expect(attachment?.programId).toBe(wall.info().id);
    attachment?.replace(loaded(returning("tc", Tc.Ok, "pinned")));
    attachment?.close();
    expect(east.ping(1)).toBe(1);
    expect(readdirSync(pinDirectory(place))).not.toContain("link-ingress-new");
    set.remove();
    expect(clsactOf(west)).toBe("");
  });
});

test("what a later version pinned is no leftover: it stays", () => {
  const { west, east } = vethPair();
  const place = setUp(west, "tcx");
  const pin = `${pinDirectory(place)}/link-ingress`;
  rmSync(pin);
  const iterator = loaded(compile(tasks, { kernelTypes: kernelBtf() }));
  const link = tryBpf("LINK_CREATE", new Attributes().u32(0, iterator.fd).u32(8, AttachType.TRACE_ITER));
  expect(link).toBeGreaterThan(0);
  pinObject(link, pin);
  closeSync(link);
  expect(removeLeftovers().map((own) => own.feature)).not.toContain(FEATURE);
  expect(existsSync(pin)).toBe(true);
  expect(east.ping(1)).toBe(1);
  rmSync(pin);
  expect(removeLeftovers()).toContainEqual(place);
});

test("what is detached by half is none of it: the other half goes, and so do directories of nothing", () => {
  const { west } = vethPair();
  const place = placeAt(west);
  const program = loaded(returning("tc", Tc.Next));
  createPins(place, {
    attachments: {
      ingress: (pin) => program.attachTc(west, { direction: "ingress", pin }),
      egress: (pin) => program.attachTc(west, { direction: "egress", pin }),
    },
    options: null,
  });
  const set = opened(place, west);
  expect(set.isAlive()).toBe(true);
  set.attachment("ingress")?.detach();
  expect(set.isAlive()).toBe(false);
  mkdirSync(`${PIN_ROOT}/netns-1/nothing`, { recursive: true });
  expect(removeLeftovers()).toContainEqual(place);
  expect(existsSync(pinDirectory(place))).toBe(false);
  expect(existsSync(`${PIN_ROOT}/netns-1`)).toBe(false);
});

test("maps of another layout are refused", () => {
  const { west } = vethPair();
  const set = opened(setUp(west, "tcx"), west);
  set.checkLayouts({ packets });
  const other = arrayMap(struct("value", { value: u32, more: u32 }), { entries: 1, name: "packets" });
  expect(codeOf(() => set.checkLayouts({ packets: other }))).toBe("layout-mismatch");
  // Made before a map was needed: what to do is said.
  expect(() => set.map("younger", other)).toThrow("was set up by another version of hopmark: it has no map younger");
  const larger = arrayMap(u64, { entries: 2, name: "packets" });
  expect(codeOf(() => set.map("packets", larger))).toBe("map-mismatch");
});

test("places and directories name each other, dots and dashes included", () => {
  const place = { netnsInode: 4026531840, feature: "ioam-encap", device: "eth0.100-a", ifindex: 12 };
  expect(pinDirectory(place)).toBe(`${PIN_ROOT}/netns-4026531840/ioam-encap/eth0:100-a-12`);
  expect(placeOf(pinDirectory(place))).toEqual(place);
  expect(placeOf(`${PIN_ROOT}/netns-x/ioam-encap/eth0-12`)).toBeUndefined();
});

test("the layout hash changes with any field", () => {
  const hash = (fields: Parameters<typeof struct>[1]): string =>
    layoutHash({ map: arrayMap(struct("v", fields), { entries: 1 }) });
  const hashes = [hash({ a: u32 }), hash({ b: u32 }), hash({ a: u64 }), hash({ a: u32, b: u32 })];
  expect(new Set(hashes).size).toBe(4);
  expect(hash({ a: u32 })).toBe(hash({ a: u32 }));
});

describe("bpffs", () => {
  test("is mounted when it is not there", () => {
    ensureBpffs();
    expect(bpffsMounted()).toBe(true);
    expect(filesystemMagic(BPFFS)).toBe(Magic.bpffs);
  });

  test("is not mounted in another mount namespace: the error says what to do", () => {
    const CLONE_NEWNS = 0x20000;
    const [MS_REC, MS_PRIVATE, MNT_DETACH] = [1 << 14, 1 << 18, 2];
    ensureBpffs();
    const before = syscall("openat", "mount namespace", -100, cString("/proc/thread-self/ns/mnt"), 0, 0);
    syscall("unshare", undefined, CLONE_NEWNS);
    try {
      syscall("mount", "/", cString("none"), cString("/"), null, MS_REC | MS_PRIVATE, null);
      syscall("umount2", BPFFS, cString(BPFFS), MNT_DETACH);
      const refused = (): void => ensureBpffs();
      expect(refused).toThrow(UnsupportedError);
      expect(refused).toThrow(/no BPF file system/);
      expect(bpffsMounted()).toBe(false);
      expect(listPins()).toEqual([]);
    } finally {
      syscall("setns", "mount namespace", before, CLONE_NEWNS);
      syscall("close", "mount namespace", before);
    }
    expect(bpffsMounted()).toBe(true);
  });
});
