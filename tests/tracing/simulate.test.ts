/** The tracing programs in V8, over plain objects in place of the kernel's. */
import { expect, test } from "vitest";
import { ipv4, ipv6 } from "../../src/kernel/index.ts";
import { kernelObject } from "../../src/kernel/simulate/kernel-object.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import { SimulatedMaps } from "../../src/kernel/simulate/simulated-maps.ts";
import { readLayout } from "../../src/wire/codec.ts";
import { textOf } from "../../src/wire/text.ts";
import * as programs from "./programs.bpf.ts";

const bytes = (text: string, length: number): number[] =>
  Array.from({ length }, (_, at) => (at < text.length ? text.charCodeAt(at) : 0));

const device = { ifindex: 7, name: bytes("eth0", 16), dev_addr: Uint8Array.of(2, 0, 0, 0, 0, 9) };
const packet = { dev: device, len: 60, protocol: 0x0800, ip_summed: 1 };

test("a packet's record is what the kernel would write", () => {
  const { records } = simulate(programs.received, { arguments: [packet] });
  const [record, ...others] = records(programs.packets).map((one) => readLayout(programs.Packet, one, 0));
  expect(others).toEqual([]);
  expect(record).toEqual({
    length: 60,
    protocol: 0x0800,
    summed: 1,
    ifindex: 7,
    name: bytes("eth0", 16),
    alias: bytes("eth0", 16),
    address: "02:00:00:00:00:09",
  });
});

test("null stands for a pointer to nothing", () => {
  expect(simulate(programs.received, { arguments: [{ ...packet, dev: null }] }).records(programs.packets)).toEqual([]);
});

test("a member that was not given is an error that names it", () => {
  const arguments_ = [{ dev: { ...device, ifindex: undefined }, len: 60, protocol: 1, ip_summed: 0 }] as const;
  expect(() => simulate(programs.received, { arguments: arguments_ as never })).toThrow(
    /argument 1\.dev\.ifindex was not given/,
  );
  expect(() => simulate(programs.watchRetransmits, { arguments: [{}] })).toThrow(/argument 2 of tcp_retransmit_skb/);
});

test("maps, addresses and casts", () => {
  const maps = new SimulatedMaps();
  const common = {
    skc_rcv_saddr: 0x0a000001,
    skc_daddr: 0x0a000002,
    skc_v6_rcv_saddr: ipv6("db01::1"),
    skc_v6_daddr: { in6_u: { u6_addr8: [0xdb, 1, ...Array<number>(13).fill(0), 2] } },
    skc_num: 40_000,
    skc_dport: 443,
    skc_family: 10,
    skc_state: 1,
  };
  for (const len of [100, 200])
    simulate(programs.watchRetransmits, { maps, arguments: [{ __sk_common: common, srtt_us: 800 }, { len }] });
  expect([...maps.map(programs.retransmits).entries()]).toEqual([
    [
      {
        source: ipv4("10.0.0.1"),
        destination: ipv4("10.0.0.2"),
        source6: ipv6("db01::1"),
        destination6: ipv6("db01::2"),
        sourcePort: 40_000,
        destinationPort: 443,
        family: 10,
      },
      { segments: 2n, bytes: 300n, rttUs: 800, state: 1 },
    ],
  ]);
});

test("sockets of the kernel carry what they are given, each its own", () => {
  const maps = new SimulatedMaps();
  maps.map(programs.outcomes).set(443, { kept: 0, removed: 0, gone: 0, strange: 0 });
  const socket = () => ({ __sk_common: { skc_dport: 443 } });
  const [one, other] = [socket(), socket()];
  const happens = (sk: object, state: number): void =>
    void simulate(programs.connects, { maps, arguments: [sk, 0, state] as never });
  happens(one, 2);
  happens(other, 2);
  expect(maps.map(programs.carried).get(one)).toEqual({ port: 443 });
  happens(other, 1);
  happens(one, 1);
  expect(maps.map(programs.outcomes).get(443)).toEqual({ kept: 2, removed: 2, gone: 2, strange: 0 });
  happens(one, 1);
  expect(maps.map(programs.outcomes).get(443)).toMatchObject({ strange: 1, removed: 2, gone: 3 });
});

test("who runs comes from the environment", () => {
  const maps = new SimulatedMaps();
  maps.map(programs.wanted).value = 41;
  const environment = { process: { pid: 41, tid: 42, cgroupId: 7n, comm: "a name of more than 15 bytes" } };
  const { records } = simulate(programs.entered, { maps, environment, arguments: [0n, 39n] });
  const [call] = records(programs.calls).map((one) => readLayout(programs.Call, one, 0));
  expect(call).toMatchObject({ number: 39n, cgroup: 7n, pid: 41, tid: 42 });
  expect(textOf(call!.comm)).toBe("a name of more ");
});

test("an iterator's program is called with its context, null at the end", () => {
  const task = { pid: 5, tgid: 5, comm: bytes("node", 16), real_parent: { tgid: 1 } };
  const { written } = simulate(programs.tasks, { context: { task } });
  expect(written.map((one) => readLayout(programs.Task, one, 0))).toEqual([
    { pid: 5, parent: 1, comm: bytes("node", 16) },
  ]);
  expect(simulate(programs.tasks, { context: { task: null } }).written).toEqual([]);
});

test("the kernel's structures stay as they were given", () => {
  const task = Object.freeze({ pid: 5, tgid: 5, comm: bytes("node", 16), real_parent: null });
  simulate(programs.tasks, { context: { task } }).written[0]!.fill(0);
  expect(task.comm).toEqual(bytes("node", 16));
});

test("a program that writes to the kernel's structures is stopped", () => {
  const guarded = kernelObject({ inner: { value: 1 } }, "object") as { inner: { value: number } };
  expect(() => (guarded.inner.value = 2)).toThrow(/object\.inner\.value is the kernel's/);
});
