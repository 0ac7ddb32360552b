/** What the copies of one direction need in the kernel: a ring for each CPU, who reads it, and what was counted. */
import { arrayOfMaps } from "../../kernel/map-of-maps.ts";
import { arrayMap, perCpuArrayMap, ringBuffer, type RingBuffer } from "../../kernel/maps.ts";
import { isAlive } from "../../linux/process-identity.ts";
import { struct, u32, u64, type TypeOf } from "../../wire/layout.ts";
import { counters } from "../feature/counters.ts";
import { copyRecord, type DirectionName } from "./record.ts";
import { RingLedger } from "./ring-ledger.ts";

/** What became of a packet where copies are made. */
export const CopyOutcome = {
  /** A reader was there: the copy is in the ring, or lost. */
  Produced: 0,
  /** The ring was full. */
  Full: 1,
  /** Nobody reads: not copied, and not lost. */
  Idle: 2,
  /** The packet was shorter than it said. */
  Unreadable: 3,
} as const;

export const copyOutcomeNames = ["produced", "full", "idle", "unreadable"] as const;

/** The reader of a ring: a process, as `process-identity.ts` tells it apart. */
const Reader = struct("pval_reader", {
  /** 1: packets are copied. One that stops still reads what waits. */
  reading: u32,
  /** 0: there is none. */
  pid: u32,
  /** Clock ticks since boot. */
  startTime: u64,
});

/** Its process id; null for none, or one that is dead. */
export const readerOf = (stored: TypeOf<typeof Reader> | undefined): number | null => {
  if (stored === undefined || stored.pid === 0) return null;
  return isAlive({ pid: stored.pid, startTime: Number(stored.startTime) }) ? stored.pid : null;
};

/** The maps of a direction; `ringBytes` of each ring: a power of two, of a page and more. The same ones each time. */
export const copyMaps = (direction: DirectionName, cpus: number, ringBytes: number): CopyMaps => {
  const key = `${direction} ${cpus} ${ringBytes}`;
  let maps = made.get(key);
  if (maps === undefined) made.set(key, (maps = makeMaps(direction, cpus, ringBytes)));
  return maps;
};

const made = new Map<string, CopyMaps>();

const makeMaps = (direction: DirectionName, cpus: number, ringBytes: number) => {
  /** One for each CPU that the kernel may ever have. */
  const rings = Array.from({ length: cpus }, (_, cpu) =>
    ringBuffer({ bytes: ringBytes, name: `pval_${direction}_${cpu}` }),
  );
  return { rings, ...otherMaps(direction, cpus, ringBytes, rings) };
};

const otherMaps = (direction: DirectionName, cpus: number, ringBytes: number, rings: readonly RingBuffer[]) => ({
  /** The rings, by CPU: a program can name 64 maps, and machines have more CPUs. */
  ringOf: arrayOfMaps(ringBuffer({ bytes: ringBytes, name: `pval_${direction}` }), {
    entries: cpus,
    maps: rings,
    name: `pval_${direction}_rings`,
  }),
  /** By CPU. */
  readers: arrayMap(Reader, { entries: cpus, name: `pval_${direction}_reader` }),
  /** By CPU: what became of the records of its ring. */
  ledger: arrayMap(RingLedger, { entries: cpus, name: `pval_${direction}_led` }),
  counters: counters(`pval_${direction}_copy`, copyOutcomeNames.length),
});

export type CopyMaps = ReturnType<typeof makeMaps>;

/** By the names of their pins. */
export const pinnedCopyMaps = ({ rings, ringOf, readers, ledger, counters: copies }: CopyMaps) => ({
  rings: ringOf,
  readers,
  ledger,
  copies,
  ...Object.fromEntries(rings.map((ring, cpu) => [`ring-${cpu}`, ring])),
});

/** Where a program puts a record together, by the bytes of a packet that are copied. */
export const copyScratch = (snap: number) => perCpuArrayMap(copyRecord(snap), { entries: 1, name: "pval_copy" });
