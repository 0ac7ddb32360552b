/** Redirects by tables: verdicts in the kernel and in V8, and frames that go from one veth to another. */
import { codeOf } from "../../src/bpf/fixtures/code-of.ts";
import { execFileSync } from "node:child_process";
import { describe, expect, onTestFinished, test } from "vitest";
import { load } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { compile } from "../../src/compiler/compile.ts";
import type { Program } from "../../src/kernel/program.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import { SimulatedMaps } from "../../src/kernel/simulate/simulated-maps.ts";
import { setOffloads } from "../../src/linux/ethtool.ts";
import { temporaryNetns, temporaryRtnetlink } from "../../src/linux/fixtures/temporary-netns.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { addAddress } from "../../src/linux/rtnetlink/addresses.ts";
import { createVeth, linkByName, setLink, type Link } from "../../src/linux/rtnetlink/links.ts";
import { setNeighbour } from "../../src/linux/rtnetlink/neighbours.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { withNetns } from "../../src/linux/with-netns.ts";
import { BpftoolObject, objectFile } from "./object/bpftool.ts";
import { choose, hub, outOf, ports, wire } from "./programs/dev-map.bpf.ts";

const loaded = (program: Program): LoadedProgram => {
  const found = load(compile(program));
  onTestFinished(() => found.close());
  return found;
};

const LOOPBACK = 1;

describe("verdicts", () => {
  test("are to redirect where an interface is, else what the flags say", () => {
    const kernel = loaded(choose);
    const maps = new SimulatedMaps();
    const run = (port: number, missing: number): unknown[] => {
      const packet = new Uint8Array(60);
      packet.set([port, missing]);
      const { verdict, redirect } = simulate(choose, { packet, maps });
      expect(kernel.testRun(packet).verdict).toBe(verdict);
      return [verdict, redirect?.ifindex ?? null];
    };
    expect(run(2, 0)).toEqual([0, null]);
    for (const handle of [kernel.map(ports), maps.map(ports)]) {
      expect(handle.set(2, { ifindex: LOOPBACK })).toBe(true);
      expect(codeOf(() => handle.set(4, { ifindex: LOOPBACK }))).toBe("out-of-range");
      expect(handle.get(2)).toEqual({ ifindex: LOOPBACK });
      expect([...handle.entries()]).toEqual([[2, { ifindex: LOOPBACK }]]);
    }
    expect([0, 1, 2, 3, 4, 5, 32, 64].map((flags) => run(2, flags))).toEqual([
      ...Array.from({ length: 4 }, () => [4, LOOPBACK]),
      ...Array.from({ length: 4 }, () => [0, null]),
    ]);
    expect([0, 1, 2, 3].map((flags) => run(1, flags))).toEqual([0, 1, 2, 3].map((verdict) => [verdict, null]));
    expect(run(200, 2)).toEqual([2, null]);
    expect([kernel.map(ports).delete(2), maps.map(ports).delete(2)]).toEqual([true, true]);
    expect(run(2, 3)).toEqual([3, null]);
  });

  test("are to redirect to all, of which there may be none", () => {
    const maps = new SimulatedMaps();
    const run = (): unknown => {
      const { verdict, redirect, clones } = simulate(hub, { maps, context: { ifindex: 8 } });
      expect(loaded(hub).testRun(new Uint8Array(60)).verdict).toBe(verdict);
      return [verdict, redirect, clones.map(({ ifindex }) => ifindex)];
    };
    expect(run()).toEqual([4, null, []]);
    for (const ifindex of [7, 8, 9]) maps.map(outOf).set(ifindex, { ifindex });
    expect(run()).toEqual([4, null, [7, 9]]);
  });

  test("an interface that is not there is refused", () => {
    expect(codeOf(() => loaded(choose).map(ports).set(0, { ifindex: 987_654 }))).toBe("no-device");
  });
});

/**
 * A host behind one end of a veth pair whose other end, `name`, is in the middle. GRO gives it NAPI, which
 * redirects need; switched on while the link is down it does not (Linux 6.18).
 */
const host = (
  middle: Netns,
  name: string,
  address: string,
): { netns: Netns; port: Link; mac: string; meet(address: string, mac: string): void } => {
  const netns = temporaryNetns();
  const route = openRtnetlink(middle);
  createVeth(route, { name }, { name: "eth0", netns });
  setLink(route, linkByName(route, name).index, { up: true });
  const port = linkByName(route, name);
  route.close();
  const own = openRtnetlink(netns);
  onTestFinished(() => own.close());
  const { index, mac } = linkByName(own, "eth0");
  addAddress(own, index, `${address}/24`);
  setLink(own, index, { up: true });
  setOffloads(own, "eth0", { gro: true });
  const meet = (other: string, otherMac: string): void => setNeighbour(own, index, other, otherMac);
  return { netns, port, mac, meet };
};

const ping = (from: Netns, to: string): number => {
  const text = withNetns(from, () =>
    execFileSync("sh", ["-c", `ping -n -i 0.01 -W 1 -c 5 ${to} || true`], { encoding: "utf8" }),
  );
  return Number(/(\d+) received/.exec(text)?.[1] ?? NaN);
};

describe("frames", () => {
  const setUp = (
    program: Program,
  ): { run: LoadedProgram; middle: Netns; one: ReturnType<typeof host>; other: ReturnType<typeof host> } => {
    const { netns: middle } = temporaryRtnetlink();
    const one = host(middle, "port1", "10.78.0.1");
    const other = host(middle, "port2", "10.78.0.2");
    one.meet("10.78.0.2", other.mac);
    other.meet("10.78.0.1", one.mac);
    const run = loaded(program);
    for (const { port } of [one, other]) {
      const attachment = run.attachXdp({ ifindex: port.index, netns: middle }, { mode: "native" });
      onTestFinished(() => attachment.close());
    }
    return { run, middle, one, other };
  };

  test("go through a wire from one veth to another, both ways, until an end is taken out", () => {
    const { run, middle, one, other } = setUp(wire);
    const map = run.map(outOf);
    expect(ping(one.netns, "10.78.0.2")).toBe(0);
    withNetns(middle, () => {
      map.set(one.port.index, { ifindex: other.port.index });
      map.set(other.port.index, { ifindex: one.port.index });
    });
    expect(ping(one.netns, "10.78.0.2")).toBe(5);
    map.delete(other.port.index);
    expect(ping(one.netns, "10.78.0.2")).toBe(0);
  });

  test("go out of every interface of a hub but the one they came in by", () => {
    const { run, middle, one, other } = setUp(hub);
    withNetns(middle, () => {
      run.map(outOf).set(7, { ifindex: other.port.index });
      run.map(outOf).set(8, { ifindex: one.port.index });
    });
    expect(ping(other.netns, "10.78.0.1")).toBe(5);
  });
});

test("bpftool loads both kinds", () => {
  const object = new BpftoolObject(objectFile(compile(choose), compile(wire)));
  expect(object.map<{ type: string }>("ports").type).toBe("devmap");
  expect(object.map<{ type: string }>("out_of").type).toBe("devmap_hash");
  expect(object.run("choose", Uint8Array.from([1, 2, ...new Uint8Array(58)]))).toBe(2);
});
