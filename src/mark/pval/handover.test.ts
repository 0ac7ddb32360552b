/** Copies that wait until their packet is handed over: at tc in the kernel and in V8, at the tracepoints in V8. */
import { StampSource } from "../../wire/stamp-source.ts";
import { expect, onTestFinished, test } from "vitest";
import { pinTests } from "../../../tests/support/pinned-file.ts";
import { Twin } from "../../../tests/support/twin.ts";
import { simulate } from "../../kernel/simulate/simulate.ts";
import { readLayout } from "../../wire/codec.ts";
import { taiOffset } from "../feature/tai-offset.ts";
import { awaitingCopies, StampOutcome, stampCounters } from "./awaiting.ts";
import { copyMaps, copyOutcomeNames } from "./copy-maps.ts";
import { dropped, handover } from "./handover.bpf.ts";
import { CopyHeader } from "./record.ts";
import { data, packet, plain, udp } from "./test-support/packets.ts";
import { transmit } from "./transmit.bpf.ts";

const SNAP = 96;
const CPU = 1;
const CPUS = 2;
const TAI_OFFSET_NS = 37_000_000_000n;
const SENT_NS = 1_700_000_000_000_000_000n;
const device = { ifindex: 7, nd_net: { net: { ns: { inum: 9 } } } };

pinTests();

const scene = () => {
  const maps = copyMaps("tx", CPUS, 4096);
  const awaiting = awaitingCopies(SNAP);
  const copy = { direction: "tx", snap: SNAP, stamps: false, maps, awaiting } as const;
  const twin = new Twin(transmit({ mark: null, copy, to: 0 }));
  onTestFinished(() => twin.close());
  twin.setVariable(taiOffset, TAI_OFFSET_NS);
  const read = (reading: number): void => {
    const reader = { reading, pid: 1, startTime: 2n };
    twin.kernel.map(maps.readers).set(CPU, reader);
    for (let cpu = 0; cpu < CPUS; cpu++) twin.maps.map(maps.readers).set(cpu, reader);
  };
  read(1);
  const [, ring] = maps.rings;
  if (ring === undefined) throw new Error("no ring");
  const environment = (objectAddress: bigint, atNs: bigint, cpu = CPU) => ({
    objectAddress,
    taiNs: SENT_NS + TAI_OFFSET_NS + atNs,
    cpu,
  });
  const send = (address: bigint, bytes = plain()): void =>
    void twin.run(bytes, { environment: environment(address, 0n) });
  const handOver = (address: bigint, len = plain().length, dev = device, cpu = CPU): void =>
    void simulate(handover(copy, { ifindex: 7, netnsInode: 9 }), {
      arguments: [{ len }, dev],
      maps: twin.maps,
      environment: environment(address, 5n, cpu),
    });
  const drop = (address: bigint): void =>
    void simulate(dropped(copy), { arguments: [{}], maps: twin.maps, environment: environment(address, 6n) });
  const records = (cpu = CPU) =>
    [...twin.maps.map(maps.rings[cpu]!).drain()].map((bytes) => readLayout(CopyHeader, bytes, 0));
  const stamps = () => twin.counts(stampCounters, Object.keys(StampOutcome));
  const counts = () => {
    const all = copyOutcomeNames.map((name, index) => [name, twin.maps.map(maps.counters).get(index)] as const);
    return Object.fromEntries(
      all
        .map(([name, values = []]) => [name, values.reduce((sum, { value }) => sum + Number(value), 0)] as const)
        .filter(([, value]) => value !== 0),
    );
  };
  return { twin, awaiting, ring, read, send, handOver, drop, records, stamps, counts };
};

test("a copy waits under its packet's address, the same in the kernel and in V8", () => {
  const { twin, awaiting, send, records, stamps } = scene();
  send(0xffff_8880_1234_5600n);
  const [kernel, v8] = [twin.kernel.map(awaiting), twin.maps.map(awaiting)].map((map) => [...map.entries()]);
  expect(kernel).toEqual(v8);
  expect(kernel).toMatchObject([
    [0xffff_8880_1234_5600n, { timeNs: SENT_NS, stampSource: StampSource.Clock, packetLength: plain().length }],
  ]);
  expect(records()).toEqual([]);
  expect(stamps()).toEqual({ Awaited: 1 });
});

test("handed over, it has the time of that, and lies in the ring of that CPU", () => {
  const { twin, awaiting, send, handOver, records, counts } = scene();
  send(1n);
  send(2n);
  handOver(2n, undefined, undefined, 0);
  handOver(1n);
  handOver(3n);
  expect(records(0)).toMatchObject([{ timeNs: SENT_NS + 5n, stampSource: StampSource.Driver, cpu: 0 }]);
  expect(records(1)).toMatchObject([{ timeNs: SENT_NS + 5n, stampSource: StampSource.Driver, cpu: 1 }]);
  expect([...twin.maps.map(awaiting).keys()]).toEqual([]);
  expect(counts()).toEqual({ produced: 2 });
});

test("elsewhere it is another packet, or not yet on its way", () => {
  const { send, handOver, records } = scene();
  send(1n);
  handOver(1n, undefined, { ...device, ifindex: 8 });
  handOver(1n, undefined, { ...device, nd_net: { net: { ns: { inum: 10 } } } });
  expect(records()).toEqual([]);
  handOver(1n, plain().length + 4);
  expect(records()).toMatchObject([{ stampSource: StampSource.Driver }]);
});

test.each<[string, (own: ReturnType<typeof scene>) => void]>([
  ["dropped", ({ drop }) => drop(1n)],
  ["gone as others, its place given to another packet", ({ handOver }) => handOver(1n, 1000)],
])("%s: the copy goes into the ring without that time", (_, happen) => {
  const own = scene();
  own.send(1n);
  happen(own);
  expect(own.records()).toMatchObject([{ timeNs: SENT_NS, stampSource: StampSource.Clock }]);
  expect(own.counts()).toEqual({ produced: 1 });
  expect(own.stamps()).toEqual({ Awaited: 1 });
});

test("the next packet at the same address puts the copy out, in the kernel and in V8", () => {
  const { twin, ring, send } = scene();
  const second = packet({}, [udp, data(50)]);
  send(1n);
  send(1n, second);
  const { kernel, v8 } = twin.records(ring);
  expect(kernel).toEqual(v8);
  expect(kernel.map((bytes) => readLayout(CopyHeader, bytes, 0).packetLength)).toEqual([plain().length]);
});

test("when too many wait, the next one does not", () => {
  const { twin, awaiting, ring, send, stamps } = scene();
  send(0n);
  for (const map of [twin.kernel.map(awaiting), twin.maps.map(awaiting)]) {
    const copy = map.get(0n)!;
    for (let address = 1; address < awaiting.entries; address++) map.set(BigInt(address), copy);
  }
  send(BigInt(awaiting.entries));
  expect(twin.records(ring).kernel.length).toBe(1);
  expect(stamps()).toMatchObject({ NoRoom: 1 });
});

test("whoever read has gone meanwhile", () => {
  const { read, send, handOver, records, counts } = scene();
  send(1n);
  read(0);
  handOver(1n);
  expect(records()).toEqual([]);
  expect(counts()).toEqual({ idle: 1 });
});
