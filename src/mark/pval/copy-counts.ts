/** What was copied, by ring. */
import type { PinnedSet } from "../../bpf/pin/pinned-set.ts";
import { possibleCpus } from "../../bpf/maps/possible-cpus.ts";
import type { Netns } from "../../linux/netns.ts";
import { CopyOutcome, copyMaps, readerOf } from "./copy-maps.ts";
import { withHalf, type FoundDevice } from "./find.ts";
import { noteIn } from "./note.ts";
import { directionNames, ringName, type DirectionName } from "./record.ts";
import { countsAt } from "./ring-ledger.ts";

/** `produced` = `read` + `lost` + what waits in the ring, exactly. */
export interface CopyCounts {
  /** `pval0-rx-cpu-0`. */
  readonly ring: string;
  readonly direction: DirectionName;
  readonly cpu: number;
  /** The process that reads it; null for none, or one that is dead. */
  readonly reader: number | null;
  /** Packets that were copied while somebody read. */
  readonly produced: bigint;
  /** Copies that were read, by whom it may be. */
  readonly read: bigint;
  /** Copies that found the ring full, or were thrown away when it was opened. */
  readonly lost: bigint;
  /** Packets that were not copied, because nobody read. */
  readonly idle: bigint;
  /** Packets that were shorter than they said. */
  readonly unreadable: bigint;
}

/** Of a device's rings, as far as it has some. */
export const copyCounts = (netns: Netns, device: FoundDevice): CopyCounts[] =>
  directionNames.flatMap(
    (direction) => withHalf(netns, device, direction, (pins) => ringCounts(pins, device, direction)) ?? [],
  );

const ringCounts = (pins: PinnedSet, { name }: FoundDevice, direction: DirectionName): CopyCounts[] => {
  const note = noteIn(pins.options);
  if (note === undefined || !note.rings[direction]) return [];
  const maps = copyMaps(direction, possibleCpus(), note.ringBytes);
  const copies = pins.map("copies", maps.counters);
  const [produced, full, idle, unreadable] = [
    CopyOutcome.Produced,
    CopyOutcome.Full,
    CopyOutcome.Idle,
    CopyOutcome.Unreadable,
  ].map((outcome) => copies.get(outcome) ?? []);
  const ledger = pins.map("ledger", maps.ledger);
  const readers = pins.map("readers", maps.readers);
  const at = (values: readonly { readonly value: bigint }[] | undefined, cpu: number): bigint =>
    values?.[cpu]?.value ?? 0n;
  return maps.rings.map((ring, cpu) => {
    const { read, discarded } = countsAt(ledger.get(cpu), pins.map(`ring-${cpu}`, ring).position);
    return {
      ring: ringName(name, direction, cpu),
      direction,
      cpu,
      reader: readerOf(readers.get(cpu)),
      produced: at(produced, cpu),
      read,
      lost: at(full, cpu) + discarded,
      idle: at(idle, cpu),
      unreadable: at(unreadable, cpu),
    };
  });
};
