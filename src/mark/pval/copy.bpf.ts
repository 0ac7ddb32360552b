/** A copy of the packet into the ring of this CPU, when somebody reads it. Never holds the packet back. */
import { StampSource } from "../../wire/stamp-source.ts";
import type { TcContext } from "../../kernel/context.ts";
import { SkbClock } from "../../kernel/context.ts";
import { cpuId } from "../../kernel/helpers.ts";
import { count } from "../feature/count.bpf.ts";
import { wallClockNs } from "../feature/wall-clock.bpf.ts";
import { taiOffset } from "../feature/tai-offset.ts";
import { objectAddress } from "../../kernel/tracing-helpers.ts";
import { stampCounters, StampOutcome, type Awaiting } from "./awaiting.ts";
import { copyScratch, CopyOutcome, type CopyMaps } from "./copy-maps.ts";
import { putOut, putOutLate, type Copy } from "./put-out.bpf.ts";
import { Direction, type DirectionName } from "./record.ts";

export interface CopyConfig {
  readonly direction: DirectionName;
  /** Bytes of the packet that are copied. */
  readonly snap: number;
  /** The packet's own time counts, where it has one: the NIC's before the kernel's. */
  readonly stamps: boolean;
  readonly maps: CopyMaps;
  /** Where copies wait until their packet is handed over to the driver; null: they do not. */
  readonly awaiting: Awaiting | null;
}

/** What the program has for each packet. */
interface PreparedCopy extends CopyConfig {
  readonly scratch: ReturnType<typeof copyScratch>;
}

export const prepareCopy = (config: CopyConfig | null): PreparedCopy | null =>
  config === null ? null : { ...config, scratch: copyScratch(config.snap) };

/** Copies the packet as it is now. */
export const copyPacket = (ctx: TcContext, config: PreparedCopy): void => {
  const outcome = copy(ctx, config);
  if (outcome !== WAITS) count(config.maps.counters, outcome);
};

/** It is counted when it goes into the ring. */
const WAITS = -1;

const copy = (ctx: TcContext, { direction, snap, stamps, maps, scratch, awaiting }: PreparedCopy): number => {
  const cpu = cpuId();
  const reader = maps.readers.lookup(cpu);
  if (reader === null || reader.reading === 0) return CopyOutcome.Idle;
  const record = scratch.lookup(0);
  const { length } = ctx.packet;
  const captured = length < snap ? length : snap;
  if (record === null || captured < 1 || !ctx.loadInto(record, "packet", 0, captured)) return CopyOutcome.Unreadable;
  const hardware = stamps ? ctx.hardwareTimestamp : 0n;
  const own = stamps && ctx.timestampClock === SkbClock.Realtime ? ctx.timestamp : 0n;
  if (hardware !== 0n) {
    record.timeNs = hardware;
    record.stampSource = StampSource.Hardware;
  } else if (own !== 0n) {
    record.timeNs = own;
    record.stampSource = StampSource.Packet;
  } else {
    record.timeNs = wallClockNs(taiOffset.value);
    record.stampSource = StampSource.Clock;
  }
  record.capturedLength = captured;
  record.packetLength = length;
  record.cpu = 0;
  record.direction = direction === "rx" ? Direction.Receive : Direction.Transmit;
  const isTagged = ctx.vlanPresent !== 0;
  record.vlanProtocol = isTagged ? ctx.vlanProtocol : 0;
  record.vlanTci = isTagged ? ctx.vlanTci : 0;
  const { gsoSegments } = ctx;
  record.segments = gsoSegments === 0 ? 1 : gsoSegments & 0xffff;
  record.reserved = 0;
  record.ifindex = ctx.ifindex;
  if (awaiting !== null && wait(ctx, record, snap, maps, awaiting)) return WAITS;
  putOut(record, captured, cpu, maps);
  return CopyOutcome.Produced;
};

/** False when too many do. */
const wait = (ctx: TcContext, record: Copy, snap: number, maps: CopyMaps, awaiting: Awaiting): boolean => {
  const address = objectAddress(ctx);
  const old = awaiting.lookup(address);
  // Its packet went on as others, or was taken away: the kernel has given its place to this one.
  if (old !== null) putOutLate(old, snap, maps);
  const waits = awaiting.update(address, record);
  count(stampCounters, waits ? StampOutcome.Awaited : StampOutcome.NoRoom);
  return waits;
};
