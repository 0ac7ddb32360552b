/** Tracing programs at work, on events that the test makes. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cgroupRoot } from "../../src/bpf/attach/cgroup.ts";
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import { load, loadAll } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { compile } from "../../src/compiler/compile.ts";
import type { RingBuffer } from "../../src/kernel/maps.ts";
import type { Program } from "../../src/kernel/program.ts";
import { rawSyscall } from "../../src/linux/ffi.ts";
import { temporaryRtnetlink } from "../../src/linux/fixtures/temporary-netns.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { linkByName, setLink } from "../../src/linux/rtnetlink/links.ts";
import { syscallNumber } from "../../src/linux/syscall-numbers.ts";
import { readLayout } from "../../src/wire/codec.ts";
import type { Layout } from "../../src/wire/layout.ts";
import { textOf } from "../../src/wire/text.ts";
import { listenTcp, startTcpConnection } from "../support/tcp-socket.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";
import * as programs from "./programs.bpf.ts";

const loaded = (program: Program): LoadedProgram => {
  const one = load(compile(program, { kernelTypes: kernelBtf() }));
  onTestFinished(() => one.close());
  return one;
};

const attached = (program: Program): LoadedProgram => {
  const one = loaded(program);
  const attachment = one.attachTracepoint();
  onTestFinished(() => attachment.close());
  return one;
};

const recordsOf = <T>(program: LoadedProgram, ring: RingBuffer, layout: Layout<T>): T[] => {
  const records: T[] = [];
  program.map(ring).poll((view, offset) => {
    records.push(readLayout(layout, new Uint8Array(view.buffer), view.byteOffset + offset));
  });
  return records;
};

/** A namespace whose loopback interface is up. */
const loopback = (): { netns: Netns; ifindex: number } => {
  const { netns, route } = temporaryRtnetlink();
  const { index } = linkByName(route, "lo");
  setLink(route, index, { up: true });
  return { netns, ifindex: index };
};

/** Waits until `found` finds something. */
const eventually = async <T>(found: () => T | undefined): Promise<T> => {
  const limit = Date.now() + 10_000;
  for (;;) {
    const value = found();
    if (value !== undefined) return value;
    if (Date.now() > limit) throw new Error("it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

test("a received packet: members of structures, bit fields, text, bytes behind a pointer", () => {
  const { netns, ifindex } = loopback();
  const program = attached(programs.received);
  const socket = new UdpSocket(netns);
  onTestFinished(() => socket.close());
  socket.send("::1", 4242, new Uint8Array(101));
  const records = recordsOf(program, programs.packets, programs.Packet);
  const own = records.filter(({ length, protocol }) => length === 40 + 8 + 101 && protocol === 0x86dd);
  expect(own.map(({ name, alias, ...rest }) => ({ ...rest, name: textOf(name), alias: textOf(alias) }))).toEqual([
    { length: 149, protocol: 0x86dd, summed: 3, ifindex, name: "lo", alias: "lo", address: "00:00:00:00:00:00" },
  ]);
});

test("what sockets carry is found by the kernel's own sockets, each has its own", () => {
  const { netns } = loopback();
  const program = attached(programs.connects);
  const map = program.map(programs.outcomes);
  map.set(4243, { kept: 0, removed: 0, gone: 0, strange: 0 });
  onTestFinished(listenTcp(netns, "127.0.0.1", 4243));
  for (let times = 0; times < 3; times++) onTestFinished(startTcpConnection(netns, "127.0.0.1", 4243));
  expect(map.get(4243)).toEqual({ kept: 3, removed: 3, gone: 3, strange: 0 });
});

test(
  "a TCP segment that is sent again: addresses, ports, and the socket's own structure",
  { timeout: 20_000 },
  async () => {
    const { netns, ifindex } = loopback();
    const blocker = loaded(programs.drop).attachTc({ ifindex, netns }, { direction: "ingress" });
    onTestFinished(() => blocker.close());
    const program = attached(programs.watchRetransmits);
    for (const address of ["::1", "127.0.0.1"]) onTestFinished(startTcpConnection(netns, address, 4242));
    const map = program.map(programs.retransmits);
    const flow = (family: number) =>
      [...map.entries()].find(([key]) => key.family === family && key.destinationPort === 4242);
    const six = await eventually(() => flow(10));
    const four = await eventually(() => flow(2));
    expect(six[0]).toMatchObject({ source6: "::1", destination6: "::1" });
    expect(four[0]).toMatchObject({ source: "127.0.0.1", destination: "127.0.0.1" });
    expect(four[0].sourcePort).toBeGreaterThan(1023);
    // TCP_SYN_SENT, one segment without data, and no round trip yet.
    expect(four[1]).toMatchObject({ segments: 1n, bytes: 0n, state: 2, rttUs: 0 });
  },
);

test("a thread that is scheduled: a boolean argument, names of threads", () => {
  const program = attached(programs.switched);
  program.map(programs.wanted).value = process.pid;
  for (let times = 0; times < 5; times++) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  const records = recordsOf(program, programs.switches, programs.Switch);
  const comm = readFileSync(`/proc/${process.pid}/task/${process.pid}/comm`, "utf8").trim();
  const resumed = records.filter(({ next }) => next === process.pid);
  expect(resumed.length).toBeGreaterThan(0);
  expect(resumed.map(({ nextName }) => textOf(nextName))).toContain(comm);
  for (const { preempted } of records) expect([0, 1]).toContain(preempted);
});

test("a system call: words, and the process that makes it", () => {
  const program = attached(programs.entered);
  program.map(programs.wanted).value = process.pid;
  const number = syscallNumber("setns");
  rawSyscall(number, -1, 0);
  program.map(programs.wanted).value = 0;
  const own = recordsOf(program, programs.calls, programs.Call).filter((call) => call.number === BigInt(number));
  expect(own).toHaveLength(1);
  expect(own[0]).toMatchObject({ pid: process.pid, tid: process.pid });
  const comm = readFileSync(`/proc/${process.pid}/task/${process.pid}/comm`, "utf8").trim();
  expect(textOf(own[0]!.comm)).toBe(comm);
  const cgroup = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1] ?? "";
  expect(own[0]!.cgroup).toBe(statSync(join(cgroupRoot(), cgroup), { bigint: true }).ino);
});

test("a packet is the same object at tc and where it is handed over to the driver", () => {
  const { netns, ifindex } = loopback();
  const maps = [programs.kept, programs.handedOver];
  const both = loadAll(
    [programs.keep, programs.find].map((program) => compile(program, { kernelTypes: kernelBtf() })),
    { maps },
  );
  const egress = both.program("keep").attachTc({ ifindex, netns }, { direction: "egress" });
  const tracepoint = both.program("find").attachTracepoint();
  const socket = new UdpSocket(netns);
  onTestFinished(() => {
    for (const one of [socket, egress, tracepoint, both]) one.close();
  });
  for (const bytes of [101, 202, 303]) socket.send("::1", 4242, new Uint8Array(bytes).fill(bytes));
  // Loopback answers that nobody listens: those packets are longer by 48 bytes.
  const sizes = [101, 202, 303].map((bytes) => bytes + 14 + 40 + 8);
  const found = both.map(programs.handedOver);
  expect(sizes.map((size) => found.get(size)?.value)).toEqual(sizes);
  const data = [...both.map(programs.kept).entries()].flatMap(([, { length, start }]) =>
    sizes.includes(length) ? [[length, start[length - 1]]] : [],
  );
  expect(data.length).toBeGreaterThan(0);
  for (const [length, last] of data) expect(last).toBe((length! - 14 - 40 - 8) & 0xff);
});

test("an iterator over tasks says what /proc says", () => {
  using iterator = loaded(programs.tasks).attachIterator();
  const own = iterator.read(programs.Task).find(({ pid }) => pid === process.pid);
  expect(own).toMatchObject({ pid: process.pid, parent: process.ppid });
  expect(textOf(own!.comm)).not.toBe("");
  expect(() => iterator.read(programs.Socket)).toThrow(/writes task, not socket/);
});

test("an iterator over sockets walks the namespace it is read in", () => {
  const { netns } = loopback();
  onTestFinished(listenTcp(netns, "::1", 4243));
  using iterator = loaded(programs.sockets).attachIterator();
  // TCP_LISTEN
  expect(iterator.read(programs.Socket, { netns })).toEqual([{ port: 4243, family: 10, state: 10 }]);
});

test("a tracepoint's program is attached to no other hook, and no other program to a tracepoint", () => {
  expect(() => loaded(programs.received).attachXdp({ ifindex: 1 })).toThrow(/made with tracepoint\(\), not xdp\(\)/);
  expect(() => loaded(programs.drop).attachTracepoint()).toThrow(/made with tc\(\), not tracepoint\(\)/);
  expect(() => loaded(programs.entered).attachIterator()).toThrow(/made with rawTracepoint\(\), not iterator\(\)/);
});
