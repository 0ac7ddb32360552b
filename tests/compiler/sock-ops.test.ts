/** Programs on TCP connections: in V8 with events made up, in the kernel with connections of a cgroup and a namespace. */
import { execFileSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { temporaryCgroup } from "../../src/bpf/fixtures/cgroup.ts";
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import { decodeElement } from "../../src/kernel/simulate/element-bytes.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import { SockOps, SockOpsCallback } from "../../src/kernel/sock-ops-context.ts";
import { TcpState } from "../../src/kernel/socket.ts";
import { temporaryNetns } from "../../src/linux/fixtures/temporary-netns.ts";
import type { TypeOf } from "../../src/wire/layout.ts";
import { countRetransmits, Event, events, retransmitted, watchTcp } from "./programs/cgroup.bpf.ts";

const PORT = 8443;
const BYTES = 100_000;

/** Serves one connection, sends it some bytes and ends when both sides have closed. */
const connection = (address: string): string => `
  const { createConnection, createServer } = require("node:net");
  const server = createServer((socket) => socket.resume().on("end", () => socket.end()));
  server.listen(${PORT}, "${address}", () => createConnection(${PORT}, "${address}").resume().end(Buffer.alloc(${BYTES}))
    .on("close", () => server.close()));`;

type Seen = TypeOf<typeof Event>;

/** What a program reports of one connection over the loopback of a new namespace. */
const eventsOf = (address: string): Seen[] => {
  const { name } = temporaryNetns();
  const group = temporaryCgroup();
  execFileSync("ip", ["-n", name, "link", "set", "lo", "up"]);
  const program = load(compile(watchTcp));
  onTestFinished(() => program.close());
  const attachment = program.attachCgroup(group.path);
  onTestFinished(() => attachment.close());
  expect(attachment).toMatchObject({ hook: "sock_ops", mechanism: "cgroup" });
  group.run(name, process.execPath, "-e", connection(address));
  attachment.detach();
  const seen: Seen[] = [];
  program.map(events).poll((view, offset, length) => {
    seen.push(decodeElement(Event, new Uint8Array(view.buffer, view.byteOffset + offset, length)) as Seen);
  });
  return seen;
};

test.each([
  ["127.0.0.1", 2, "Ipv4"],
  ["::1", 10, "Ipv6"],
] as const)("a connection to %s, from its request to its end", (address, family, kind) => {
  const seen = eventsOf(address);
  const { Established, SynSent, SynReceived, Close } = TcpState;
  const of = (op: number): Seen[] => seen.filter((event) => event.op === op);
  const [request] = of(SockOps.TcpConnect);
  const [active] = of(SockOps.ActiveEstablished);
  const [passive] = of(SockOps.PassiveEstablished);
  expect(of(SockOps.Listen)).toMatchObject([{ localPort: PORT, remotePort: 0, state: TcpState.Listen }]);
  const ends = { family, [`local${kind}`]: address, [`remote${kind}`]: address, isFull: 1 };
  const asked = SockOpsCallback.StateChanged | SockOpsCallback.RttChanged;
  expect(request).toMatchObject({ ...ends, remotePort: PORT, callbacks: asked });
  expect(active).toMatchObject({ ...ends, remotePort: PORT, localPort: request!.localPort, callbacks: asked });
  expect(active!.socketPort).toBe(active!.localPort);
  expect(passive).toMatchObject({ ...ends, localPort: PORT, socketPort: PORT, remotePort: request!.localPort });
  expect(active!.cookie).toBe(request!.cookie);
  expect(passive!.cookie).not.toBe(active!.cookie);
  // The client's states, in order, from its request to its end.
  const states = of(SockOps.StateChanged).filter(({ cookie }) => cookie === active!.cookie);
  expect(states[0]).toMatchObject({ oldState: SynSent, newState: Established });
  expect(states.map(({ oldState }) => oldState).slice(1)).toEqual(states.map(({ newState }) => newState).slice(0, -1));
  expect(states.at(-1)!.newState).toBe(Close);
  expect(of(SockOps.StateChanged).some(({ oldState }) => oldState === SynReceived)).toBe(true);
  const last = states.at(-1)!;
  expect(last.bytesAcked).toBe(BigInt(BYTES) + 2n);
  expect(last.segsOut).toBeGreaterThan(2);
  const times = of(SockOps.RttChanged).map(({ srttUs }) => srttUs);
  expect(times.length).toBeGreaterThan(0);
  expect(Math.min(...times)).toBeLessThan(100_000);
});

test("in V8, of an event that is given", () => {
  const context = { op: SockOps.StateChanged, args: [1, 4, 0, 0], localPort: 80, bytesAcked: 7n } as const;
  const { verdict, records } = simulate(watchTcp, { context });
  expect(verdict).toBe(1);
  expect(decodeElement(Event, records(events)[0]!)).toMatchObject({
    op: 10,
    oldState: 1,
    newState: 4,
    localPort: 80,
    bytesAcked: 7n,
    localIpv6: "::",
    socketPort: 0,
  });
  const connect = simulate(watchTcp, { context: { op: SockOps.TcpConnect } });
  expect(connect.context.callbackFlags).toBe(12);
  expect(decodeElement(Event, connect.records(events)[0]!)).toMatchObject({ callbacks: 12 });
  expect(simulate(watchTcp, { context: { op: SockOps.RwndInit } }).context.args).toEqual([40, 0, 0, 0]);
  const resent = simulate(countRetransmits, { context: { op: SockOps.Retransmit, args: [9, 3, 0, 0] } });
  expect(resent.maps.map(retransmitted).value).toBe(3n);
});

test("the kernel takes what only counts", () => {
  const program = load(compile(countRetransmits));
  onTestFinished(() => program.close());
  expect(program.info().verifiedInstructions).toBeGreaterThan(0);
});
