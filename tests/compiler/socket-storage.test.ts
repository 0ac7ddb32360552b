/** Values that sockets carry: by TEST_RUN and in V8, and with real sockets. */
import { execFileSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { temporaryCgroup } from "../../src/bpf/fixtures/cgroup.ts";
import { load } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { compile } from "../../src/compiler/compile.ts";
import type { Program } from "../../src/kernel/program.ts";
import { SockOps } from "../../src/kernel/sock-ops-context.ts";
import { noSocket } from "../../src/kernel/simulate/simulated-socket.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import { SimulatedMaps } from "../../src/kernel/simulate/simulated-maps.ts";
import { close, syscall } from "../../src/linux/ffi.ts";
import { temporaryNetns } from "../../src/linux/fixtures/temporary-netns.ts";
import { agreeOn } from "./agree.ts";
import { BpftoolObject, objectFile } from "./object/bpftool.ts";
import {
  comeAndGo,
  countBySocket,
  handshakes,
  most,
  sockets,
  traffic,
  watchHandshakes,
} from "./programs/socket-storage.bpf.ts";

const loaded = (program: Program): LoadedProgram => {
  const found = load(compile(program));
  onTestFinished(() => found.close());
  return found;
};

const packet = `020000000001 020000000002 0800 45000028 00000000 40060000 0a000001 0a000002 ${"00".repeat(20)}`;

test("come to be when they are asked for, and go when they are deleted", () => {
  expect(agreeOn(comeAndGo, [{ packet }]).runs[0]!.verdict).toBe(1);
  // TEST_RUN makes a socket for each run.
  const { runs, maps } = agreeOn(countBySocket, [{ packet }, { packet }], [most, sockets]);
  expect(runs.map(({ verdict }) => verdict)).toEqual([1, 1]);
  expect([maps.get("most")?.get("00000000"), maps.get("sockets")?.get("00000000")]).toEqual(["01000000", "02000000"]);
});

test("are of one socket, in V8 of one object", () => {
  const maps = new SimulatedMaps();
  const [one, other] = [
    { ...noSocket, localPort: 80 },
    { ...noSocket, localPort: 80 },
  ];
  const frame = new Uint8Array(34);
  for (const socket of [one, one, other, one, null])
    simulate(countBySocket, { packet: frame, maps, context: { socket } });
  expect(maps.map(traffic).get(one)).toEqual({ packets: 3, bytes: 60n });
  expect(maps.map(traffic).get(other)).toEqual({ packets: 1, bytes: 20n });
  expect([maps.map(most).value, maps.map(sockets).value]).toEqual([3, 2]);
  expect([maps.map(traffic).delete(one), maps.map(traffic).delete(one)]).toEqual([true, false]);
});

test("count the packets of each socket of a cgroup, and go with it", () => {
  const { name } = temporaryNetns();
  const group = temporaryCgroup();
  execFileSync("ip", ["-n", name, "link", "set", "lo", "up"]);
  const program = loaded(countBySocket);
  const attachment = program.attachCgroup(group.path, "egress");
  onTestFinished(() => attachment.close());
  const ping = (times: number): string =>
    group.run(name, "sh", "-c", `ping -n -i 0.01 -W 1 -c ${times} 127.0.0.1 2>&1 || true`);
  expect(ping(3)).toContain("3 received");
  // The socket that sends answers is the kernel's own.
  expect(program.map(most).value).toBe(3);
  const before = program.map(sockets).value;
  expect(ping(2)).toContain("2 received");
  expect([program.map(most).value, program.map(sockets).value]).toEqual([3, before + 1]);
});

test("keep something with a connection from its request to its end", () => {
  const { name } = temporaryNetns();
  const group = temporaryCgroup();
  execFileSync("ip", ["-n", name, "link", "set", "lo", "up"]);
  const program = loaded(watchHandshakes);
  const attachment = program.attachCgroup(group.path);
  onTestFinished(() => attachment.close());
  const script = `const { createConnection, createServer } = require("node:net");
    const server = createServer((socket) => socket.end());
    server.listen(8443, "127.0.0.1", () => createConnection(8443, "127.0.0.1").resume().on("close", () => server.close()));`;
  group.run(name, process.execPath, "-e", script);
  expect(program.map(handshakes).value).toBe(1);

  const maps = new SimulatedMaps();
  const socket = { ...noSocket };
  const happens = (op: number, remotePort: number): unknown =>
    simulate(watchHandshakes, { maps, context: { op, remotePort, socket } });
  happens(SockOps.ActiveEstablished, 80);
  happens(SockOps.TcpConnect, 80);
  happens(SockOps.ActiveEstablished, 80);
  happens(SockOps.ActiveEstablished, 80);
  expect(maps.map(handshakes).value).toBe(1);
});

test("user space reads and writes them by a socket's file descriptor", () => {
  const map = loaded(countBySocket).map(traffic);
  const [AF_INET, SOCK_DGRAM] = [2, 2];
  const fd = syscall("socket", "UDP", AF_INET, SOCK_DGRAM, 0);
  onTestFinished(() => close(fd));
  expect(map.get(fd)).toBeUndefined();
  expect(map.set(fd, { packets: 5, bytes: 6n })).toBe(true);
  expect(map.get(fd)).toEqual({ packets: 5, bytes: 6n });
  expect([map.delete(fd), map.delete(fd)]).toEqual([true, false]);
});

test("bpftool loads them", () => {
  const object = new BpftoolObject(objectFile(compile(countBySocket)));
  const { type, bytes_value, max_entries, flags } = object.map<Record<string, unknown>>("traffic");
  expect({ type, bytes_value, max_entries, flags }).toEqual({
    type: "sk_storage",
    bytes_value: 16,
    max_entries: 0,
    flags: 1,
  });
});
