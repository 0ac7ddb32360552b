/** Rings that are read one after the other give one sequence in the order of time, whenever packets come between the readings. */
import { expect, test } from "vitest";
import type { RecordCallback, ReleaseCallback } from "../../../bpf/ring-cursor.ts";
import { COPY_HEADER_BYTES, CopyHeader } from "../../../mark/pval/record.ts";
import { encodeLayout } from "../../../wire/codec.ts";
import { LinkType } from "../../../wire/numbers.ts";
import { RingCapture, type SourceRing } from "./ring-capture.ts";

const PACKET_BYTES = 20;

/** A ring that holds what is put into it until it is read. */
class HeldRing implements SourceRing {
  readonly name: string;
  readonly cpu = 0;
  /** When it is read, and all that was in it is taken. */
  onRead: () => void = () => {};
  #times: bigint[] = [];

  constructor(name: string) {
    this.name = name;
  }

  put(timeNs: bigint): void {
    this.#times.push(timeNs);
  }

  poll(callback: RecordCallback, _limit?: number, release?: ReleaseCallback): number {
    const times = this.#times.splice(0);
    const size = COPY_HEADER_BYTES + PACKET_BYTES;
    const bytes = new Uint8Array(2 * times.length * size);
    const view = new DataView(bytes.buffer);
    times.forEach((timeNs, index) => {
      const zero = { cpu: 0, direction: 0, stampSource: 0, vlanProtocol: 0, vlanTci: 0, segments: 1, reserved: 0, ifindex: 1 }; // prettier-ignore
      bytes.set(encodeLayout(CopyHeader, { timeNs, capturedLength: PACKET_BYTES, packetLength: PACKET_BYTES, ...zero }), index * size); // prettier-ignore
      callback(view, index * size, size);
    });
    if (times.length > 0) release?.(view, 0, times.length * size, times.length, BigInt(times.length * size));
    this.onRead();
    return times.length;
  }

  watch(onReadable: () => void): { close(): void } {
    const timer = setInterval(() => this.#times.length > 0 && onReadable(), 1);
    return { close: () => clearInterval(timer) };
  }

  lost(): number {
    return 0;
  }
}

const captureOf = (rings: readonly HeldRing[]): RingCapture =>
  new RingCapture(
    {
      rings: rings.map((ring) => ({ ring, linkType: LinkType.Ethernet, snapLength: 256 })),
      refresh: () => true,
      stop: () => {},
      close: () => {},
    },
    "held",
    false,
  );

const wallClock = (): bigint => BigInt(Date.now()) * 1_000_000n + BigInt(Math.floor((performance.now() % 1) * 1e6));

test("a packet that comes to one ring behind its reading, and then to the next, stays the first", async () => {
  const [sent, received] = [new HeldRing("tx"), new HeldRing("rx")];
  const PAIRS = 60;
  let pairs = 0;
  sent.onRead = () => {
    if (pairs === PAIRS) return;
    pairs++;
    // Both come between the reading of the first ring and that of the second.
    const now = wallClock();
    sent.put(now);
    received.put(now + 2000n);
  };
  using capture = captureOf([sent, received]);
  const seen: { ring: number; time: bigint }[] = [];
  for await (const { count, interfaceId, seconds, nanoseconds } of capture.batches()) {
    for (let n = 0; n < count; n++)
      seen.push({ ring: interfaceId[n]!, time: BigInt(seconds[n]!) * 1_000_000_000n + BigInt(nanoseconds[n]!) });
    if (seen.length >= 2 * PAIRS) capture.stop();
  }
  expect(seen.filter(({ ring }) => ring === 0)).toHaveLength(PAIRS);
  expect(seen.filter(({ ring }) => ring === 1)).toHaveLength(PAIRS);
  // Of each pair the sent one is first.
  let [sentSoFar, receivedSoFar] = [0, 0];
  for (const { ring } of seen) {
    if (ring === 0) sentSoFar++;
    else receivedSoFar++;
    expect(sentSoFar).toBeGreaterThanOrEqual(receivedSoFar);
  }
});

test("a clock that is far ahead holds its packet back for some milliseconds, and no other", async () => {
  const [ahead, right] = [new HeldRing("nic"), new HeldRing("clock")];
  ahead.put(wallClock() + 3_600_000_000_000n);
  right.put(wallClock());
  using capture = captureOf([ahead, right]);
  const order: number[] = [];
  for await (const { count, interfaceId } of capture.batches()) {
    for (let n = 0; n < count; n++) order.push(interfaceId[n]!);
    if (order.length === 2) capture.stop();
  }
  expect(order).toEqual([1, 0]);
});
