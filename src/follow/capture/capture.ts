/** What a capture is, wherever its packets come from. */
import type { DecodedPacket } from "../../wire/packet/decode.ts";
import type { PacketBatch } from "./batch.ts";

/** Where packets of a capture were seen. */
export interface CaptureInterface {
  /** Index in {@link Capture.interfaces}, by which packets name it. */
  readonly id: number;
  /** `eth0`; null where the capture does not say. */
  readonly name: string | null;
  readonly description: string | null;
  /** One of `LinkType`: what its packets start with. */
  readonly linkType: number;
  /** At most so many bytes of a packet are kept; 0: all. */
  readonly snapLength: number;
  /** Timestamps were counts of 1/`unitsPerSecond`. */
  readonly unitsPerSecond: bigint;
  /** The CPU that saw them, where there is one interface for each. */
  readonly cpu?: number;
}

/** `produced` = `read` + `lost`, exactly. */
export interface CaptureCounts {
  /** Packets handed out. */
  readonly read: number;
  /** Packets that were to be captured and could not be; null where the capture does not say. */
  readonly lost: number | null;
  readonly produced: number | null;
  /** `lost` by interface, where the capture knows. */
  readonly lostAt?: readonly number[];
}

/** A packet as an object. It stays as it is when the capture goes on. */
export interface CapturedFrame {
  /** Its number in the capture, from 1 on. */
  readonly number: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly interface: CaptureInterface;
  /** One of `Direction`. */
  readonly direction: number;
  readonly packet: DecodedPacket;
}

/** Packets to be read once, from the first to the last: by `batches()` or by `packets()`. Close it. */
export interface Capture {
  /** The file or the device, for people. */
  readonly name: string;
  /** Those that are described so far: files may describe more among their packets. */
  readonly interfaces: readonly CaptureInterface[];
  /** Packets as columns, many at a time. */
  batches(): AsyncIterable<PacketBatch>;
  /** Packets as objects: for few of them. */
  packets(): AsyncIterable<CapturedFrame>;
  /** So far. */
  counts(): CaptureCounts;
  /** Nothing more comes in: batches end behind what is here already. Files have all that they have. */
  stop(): void;
  /** What could not be read, and where; null when nothing is wrong so far. */
  remark(): string | null;
  /** Twice is fine. Batches end. */
  close(): void;
  [Symbol.dispose](): void;
}
