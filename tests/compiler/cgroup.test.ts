/** Programs on the packets of a cgroup: the same in the kernel, by TEST_RUN, and in V8. */
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { cgroupRoot } from "../../src/bpf/attach/cgroup.ts";
import { temporaryCgroup } from "../../src/bpf/fixtures/cgroup.ts";
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import { decodeElement } from "../../src/kernel/simulate/element-bytes.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import { SocketLayout } from "../../src/kernel/socket.ts";
import { temporaryNetns } from "../../src/linux/fixtures/temporary-netns.ts";
import { fromHex, toHex } from "../fuzz/hex.ts";
import { agreeOn } from "./agree.ts";
import {
  byLastBits,
  byPort,
  copySocket,
  lookAround,
  Owner,
  owners,
  Seen,
  seen,
  slower,
  sumSocket,
  total,
  whose,
} from "./programs/cgroup.bpf.ts";

const macs = "020000000001 020000000002";
const ip6 = (hopLimit: string): string =>
  `${macs} 86dd 60000000 000806${hopLimit} ${"db01".padEnd(30, "0")}01 ${"db02".padEnd(30, "0")}02 0001020304050607`;
const ip4 = `${macs} 0800 45000028 00000000 40060000 0a000001 0a000002 ${"00".repeat(20)}`;

test("context, socket and packet", () => {
  const runs = [ip6("40"), ip6("3f"), ip4, `${macs} 88b5 0102`].map((packet) => ({ packet, mark: 0x1f2 }));
  const outcome = agreeOn(lookAround, runs, [], [seen]);
  expect(outcome.runs.map(({ verdict }) => verdict)).toEqual([1, 0, 1, 1]);
  // The MAC header is gone afterwards.
  expect(outcome.runs.map(({ packet }) => toHex(packet).slice(0, 28))).toEqual(Array(4).fill("00".repeat(14)));
  expect(
    outcome.runs.map(({ packet }, at) => toHex(packet).slice(28) === toHex(fromHex(runs[at]!.packet)).slice(28)),
  ).toEqual(Array(4).fill(true));
  expect(outcome.runs.map(({ mark }) => mark)).toEqual(Array(4).fill(0xf3));
  const records = outcome.runs.map(({ records: [record] }) => decodeElement(Seen, record!.bytes));
  const none = { localIpv4: "0.0.0.0", remoteIpv4: "0.0.0.0", localIpv6: "::", remoteIpv6: "::" };
  const common = { mark: 0xf3, priority: 7, type: 0, state: 7 };
  expect(records[0]).toMatchObject({
    ...common,
    length: 48,
    protocol: 0x86dd,
    family: 10,
    localIpv6: "db01::1",
    remoteIpv6: "db02::2",
    first: 0x40,
    copied: [0, 8, 6, 0x40, 0xdb, 1, 0, 0],
  });
  expect(records[2]).toMatchObject({ ...common, length: 40, family: 2, localIpv4: "10.0.0.1", remoteIpv4: "10.0.0.2" });
  expect(records[3]).toMatchObject({ ...common, ...none, length: 2, family: 0, copied: [1, 0, 0, 0, 0, 0, 0, 0] });
});

test("what was proved of the context's socket holds when it is looked at again", () => {
  expect(agreeOn(byPort, [{ packet: ip6("40") }]).runs[0]!.verdict).toBe(1);
  const { socket } = simulate(byPort, { packet: fromHex(ip4) }).context;
  const verdict = (own: Partial<NonNullable<typeof socket>> | null): number =>
    simulate(byPort, { context: { socket: own === null ? null : { ...socket!, ...own } } }).verdict;
  expect([verdict(null), verdict({ localPort: 25 }), verdict({ remotePort: 25 }), verdict({})]).toEqual([0, 0, 0, 1]);
});

test("the packet's cgroup and socket", () => {
  const program = load(compile(whose));
  onTestFinished(() => program.close());
  const kernel: unknown[] = [];
  for (let run = 0; run < 2; run++) program.testRun(fromHex(ip4));
  program.map(owners).poll((view, offset, length) => {
    kernel.push(decodeElement(Owner, new Uint8Array(view.buffer, view.byteOffset + offset, length)));
  });
  // TEST_RUN makes a socket for each run, in the cgroup of this process.
  const root = BigInt(statSync(cgroupRoot()).ino);
  expect(kernel).toMatchObject([
    { root, deep: 0n },
    { root, deep: 0n },
  ]);
  const [first, second] = kernel as { cookie: bigint; group: bigint }[];
  expect(first!.cookie).not.toBe(second!.cookie);
  expect(first!.group).toBe(second!.group);

  const { records } = simulate(whose, { context: { socketCookie: 9n, cgroupIds: [1n, 20n] } });
  expect(records(owners).map((bytes) => decodeElement(Owner, bytes))).toEqual([
    { cookie: 9n, group: 20n, root: 1n, deep: 0n },
  ]);
});

test("a socket is copied for a helper that takes memory: the verifier lets none look through the pointer", () => {
  const { runs } = agreeOn(copySocket, [{ packet: ip4 }, { packet: ip6("40") }], [], [seen]);
  expect(runs.map(({ records: [record] }) => decodeElement(SocketLayout, record!.bytes))).toMatchObject([
    { family: 2, localIpv4: "10.0.0.1", remoteIpv4: "10.0.0.2", state: 7 },
    { family: 10, localIpv6: "db01::1", remoteIpv6: "db02::2" },
  ]);
});

test("the sum of a socket has no register's upper half in it: the kernel filled a field of 32 bits with 64 ones", () => {
  const { maps } = agreeOn(sumSocket, [{ packet: ip6("40") }], [total]);
  expect(maps.get("total")?.get("00000000")).not.toBe("00000000");
});

test("a program for packets that leave says that the way is congested", () => {
  const { runs } = agreeOn(
    slower,
    [0, 1, 2, 3].map((mark) => ({ packet: ip4, mark })),
  );
  expect(runs.map(({ verdict }) => verdict)).toEqual([1, 0, 2, 3]);
});

/** Sends a datagram to each of four ports and prints what the sender was told, and what came. */
const send = `
const dgram = require("node:dgram");
const ports = [5000, 5001, 5002, 5003];
const told = {}, came = [];
const done = async () => {
  const receivers = ports.map((port) => dgram.createSocket("udp4").on("message", () => came.push(port)));
  await Promise.all(receivers.map((one, at) => new Promise((bound) => one.bind(ports[at], "127.0.0.1", bound))));
  for (const port of ports) {
    const sender = dgram.createSocket("udp4");
    await new Promise((connected) => sender.connect(port, "127.0.0.1", connected));
    told[port] = await new Promise((sent) => sender.send("x", (error) => sent(error?.code ?? "sent")));
    sender.close();
  }
  // On the loopback what was sent is there.
  setImmediate(() => setImmediate(() => {
    console.log(JSON.stringify({ told, came: came.sort() }));
    process.exit();
  }));
};
void done();`;

test("what is dropped as congestion is lost without an error, and what is denied with one", () => {
  const { name } = temporaryNetns();
  execFileSync("ip", ["-n", name, "link", "set", "lo", "up"]);
  const group = temporaryCgroup();
  const program = load(compile(byLastBits));
  onTestFinished(() => program.close());
  expect(() => program.attachCgroup(group.path, "ingress")).toThrow(
    expect.objectContaining({ code: "program-type", message: expect.stringContaining("{ egress: true }") as string }),
  );
  const attachment = program.attachCgroup(group.path);
  onTestFinished(() => attachment.close());
  expect(attachment.hook).toBe("egress");
  expect(JSON.parse(group.run(name, process.execPath, "-e", send))).toEqual({
    told: { 5000: "EPERM", 5001: "sent", 5002: "sent", 5003: "sent" },
    came: [5001, 5003],
  });
});
