/** Copies of sent packets that wait for the time at which their packet is handed over to the driver. */
import { hashMap, type HashMap } from "../../kernel/maps.ts";
import { u64, type TypeOf } from "../../wire/layout.ts";
import { counters } from "../feature/counters.ts";
import { copyRecord } from "./record.ts";

/** What became of copies that waited. */
export const StampOutcome = {
  /** They began to wait. */
  Awaited: 0,
  /** The packet was handed over: the copy has its time. */
  Stamped: 1,
  /** Too many waited: the copy went into the ring without. */
  NoRoom: 2,
} as const;

export const stampCounters = counters("pval_stamps", Object.keys(StampOutcome).length);

/** By the address of the packet in the kernel. */
export type Awaiting = HashMap<bigint, TypeOf<ReturnType<typeof copyRecord>>>;

/** For copies of `snap` bytes; the same one each time. */
export const awaitingCopies = (snap: number): Awaiting => {
  let map = made.get(snap);
  if (map === undefined) {
    const record = copyRecord(snap);
    made.set(snap, (map = hashMap(u64, record, { entries: entriesFor(record.size), name: "pval_await" })));
  }
  return map;
};

const made = new Map<number, Awaiting>();

/** Bytes that waiting copies may take together. */
const ALL_BYTES = 1 << 21;
/** More than queues of the kernel hold, as they are made by default. */
const MOST = 4096;

const entriesFor = (recordBytes: number): number => Math.min(MOST, Math.floor(ALL_BYTES / recordBytes));
