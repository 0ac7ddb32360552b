/** Copies: what goes into the rings, in the kernel and in V8. */
import { StampSource } from "../../wire/stamp-source.ts";
import { afterEach, expect, test } from "vitest";
import { pinTests } from "../../../tests/support/pinned-file.ts";
import { Twin, type TwinInput } from "../../../tests/support/twin.ts";
import { readLayout } from "../../wire/codec.ts";
import { toHex } from "../../wire/hex.ts";
import type { TypeOf } from "../../wire/layout.ts";
import { taiOffset } from "../feature/tai-offset.ts";
import { copyMaps, copyOutcomeNames } from "./copy-maps.ts";
import { COPY_HEADER_BYTES, CopyHeader, Direction } from "./record.ts";
import { receive } from "./receive.bpf.ts";
import { data, packet, plain, udp } from "./test-support/packets.ts";
import { transmit } from "./transmit.bpf.ts";

const SNAP = 96;
const CPU = 1;
const clock = { taiNs: 1_700_000_037_000_000_005n, cpu: CPU };
const WALL_NS = 1_700_000_000_000_000_005n;

pinTests();
let open: Twin[] = [];
afterEach(() => {
  for (const twin of open) twin.close();
  open = [];
});

const copying = (direction: "rx" | "tx", stamps = false, ringBytes = 4096) => {
  const maps = copyMaps(direction, 2, ringBytes);
  const copy = { direction, snap: SNAP, stamps, maps, awaiting: null };
  const twin = new Twin(
    direction === "rx"
      ? receive({ network: 14, strip: true, copy, to: null })
      : transmit({ mark: { network: 14, mtu: 1500 }, copy, to: 0 }),
  );
  open.push(twin);
  twin.setVariable(taiOffset, 37_000_000_000n);
  const read = (reading: number): void => {
    const reader = { reading, pid: 1, startTime: 2n };
    twin.kernel.map(maps.readers).set(CPU, reader);
    twin.maps.map(maps.readers).set(CPU, reader);
  };
  const ring = maps.rings[CPU];
  if (ring === undefined) throw new Error("no ring");
  const records = (): { header: TypeOf<typeof CopyHeader>; packet: string }[] => {
    const { kernel, v8 } = twin.records(ring);
    const hex = (all: readonly Uint8Array[]) => all.map((bytes) => toHex(bytes));
    expect(hex(kernel)).toEqual(hex(v8));
    return kernel.map((bytes) => ({
      header: readLayout(CopyHeader, bytes, 0),
      packet: toHex(bytes.subarray(COPY_HEADER_BYTES)),
    }));
  };
  const counts = () => twin.counts(maps.counters, copyOutcomeNames);
  const run = (given: Uint8Array, input: TwinInput = {}) => twin.run(given, { environment: clock, ...input });
  return { run, read, records, counts };
};

test("without a reader nothing is copied, and nothing is lost", () => {
  const { run, records, counts } = copying("rx");
  run(plain());
  expect(records()).toEqual([]);
  expect(counts()).toEqual({ idle: 1 });
});

test("a received packet as it came, with its mark", () => {
  const { run, read, records, counts } = copying("rx");
  read(1);
  const marked = packet({}, [udp, data(40)], 9n);
  run(marked, { context: { ifindex: 1 } });
  expect(records()).toEqual([
    {
      header: {
        timeNs: WALL_NS,
        capturedLength: marked.length,
        packetLength: marked.length,
        cpu: CPU,
        direction: Direction.Receive,
        stampSource: StampSource.Clock,
        vlanProtocol: 0,
        vlanTci: 0,
        segments: 1,
        reserved: 0,
        ifindex: 1,
      },
      packet: toHex(marked),
    },
  ]);
  read(0);
  run(marked);
  expect(counts()).toEqual({ produced: 1, idle: 1 });
});

test("a transmitted packet as it leaves, cut at the snap length", () => {
  const { run, read, records } = copying("tx");
  read(1);
  const { packet: after } = run(packet({}, [udp, data(400)]));
  const [record] = records();
  expect(record?.packet).toBe(toHex(after.slice(0, SNAP)));
  expect(record?.header).toMatchObject({
    capturedLength: SNAP,
    packetLength: after.length,
    direction: Direction.Transmit,
  });
});

type Fields<K extends "context" | "simulated"> = NonNullable<TwinInput[K]>;

test.each<[name: string, Fields<"context">, Fields<"simulated">, source: number, timeNs: bigint]>([
  ["the NIC's time", { hardwareTimestamp: 5n, timestamp: 6n }, { hardwareTimestamp: 5n }, StampSource.Hardware, 5n],
  ["the packet's time", { timestamp: 6n }, {}, StampSource.Packet, 6n],
  ["the clock", {}, {}, StampSource.Clock, WALL_NS],
])("%s", (_, context, simulated, stampSource, timeNs) => {
  const { run, read, records } = copying("rx", true);
  read(1);
  run(plain(), { context, simulated });
  expect(records()).toMatchObject([{ header: { timeNs, stampSource } }]);
});

test("a tag in front goes into the record's header only when it goes beside the packet", () => {
  const { run, read, records } = copying("rx");
  read(1);
  const given = plain();
  const tagged = Uint8Array.from([...given.subarray(0, 12), 0x81, 0, 0, 7, ...given.subarray(12)]);
  run(tagged);
  expect(records()).toMatchObject([{ header: { vlanProtocol: 0, vlanTci: 0 }, packet: toHex(tagged) }]);
});

test("a full ring loses copies, not packets, and counts them", () => {
  const { run, read, records, counts } = copying("rx");
  read(1);
  for (let at = 0; at < 60; at++) expect(run(plain()).verdict).toBe(-1);
  const { produced = 0, full = 0 } = counts();
  expect(produced).toBe(60);
  expect(full).toBeGreaterThan(0);
  expect(records().length).toBe(produced - full);
});
