/** Capture files, chunk by chunk, into the columns of a batch. */
import { OptionCode } from "../../wire/pcapng/block.ts";
import { optionTexts, visitOptions } from "../../wire/pcapng/options.ts";
import { isPcap, PcapReader } from "../../wire/pcap/reader.ts";
import { PcapngReader, type CapturedInterface, type OptionsPlace } from "../../wire/pcapng/reader.ts";
import { BatchColumns } from "./batch-columns.ts";
import { Direction } from "./batch.ts";
import type { CaptureInterface } from "./capture.ts";
import { InterfaceClock } from "./interface-clock.ts";

export interface FileParser {
  readonly interfaces: readonly CaptureInterface[];
  /** Packets of the chunks since the columns were cleared. */
  readonly columns: BatchColumns;
  /** Packets that the file says were lost; null where it says nothing. */
  lost(): number | null;
  /** False when nothing behind this chunk can be read. The columns are valid until the next call. */
  push(chunk: Uint8Array): boolean;
  /** What is wrong, behind the last chunk; null when nothing is. */
  end(): string | null;
}

/** By the file's first bytes, at least 4 of them; undefined when it is no capture. */
export const parserFor = (start: Uint8Array): FileParser | undefined => {
  if (isPcap(start)) return new PcapParser();
  return isPcapng(start) ? new PcapngParser() : undefined;
};

/** A section header reads the same in both byte orders. */
const isPcapng = (start: Uint8Array): boolean =>
  start[0] === 0x0a && start[1] === 0x0d && start[2] === 0x0d && start[3] === 0x0a;

class PcapParser implements FileParser {
  readonly interfaces: CaptureInterface[] = [];
  readonly columns = new BatchColumns();
  #nsPerUnit = 1000;
  readonly #reader = new PcapReader({
    header: ({ linkType, snapLength, unitsPerSecond }) => {
      this.#nsPerUnit = 1_000_000_000 / unitsPerSecond;
      const units = BigInt(unitsPerSecond);
      this.interfaces.push({ id: 0, name: null, description: null, linkType, snapLength, unitsPerSecond: units });
    },
    packet: ({ bytes, offset, captured, original, seconds, fraction }) => {
      this.columns.bytes = bytes;
      const ns = fraction * this.#nsPerUnit;
      this.columns.add(offset, captured, original, seconds, ns, 0, Direction.Unknown);
    },
  });

  push(chunk: Uint8Array): boolean {
    return this.#reader.push(chunk);
  }

  end(): string | null {
    return this.#reader.end();
  }

  /** There is no room for it in such files. */
  lost(): null {
    return null;
  }
}

/** Of a section, where interfaces are numbered anew. */
interface SectionInterface {
  readonly id: number;
  readonly clock: InterfaceClock;
}

class PcapngParser implements FileParser {
  readonly interfaces: CaptureInterface[] = [];
  readonly columns = new BatchColumns();
  /** By the numbers of the section. */
  #section: SectionInterface[] = [];
  /** By interface: what its statistics say; and what the packets themselves say. */
  readonly #lostBy = new Map<number, number>();
  #lostBetween: number | null = null;
  #flags = 0;
  /** Ids of packets are marks: others put there what they like. */
  #tellsMarks = false;
  readonly #visit = (code: number, offset: number, length: number): void => this.#option(code, offset, length);
  #options: OptionsPlace | undefined;
  readonly #reader = new PcapngReader({
    section: (options) => {
      this.#section = [];
      this.#tellsMarks = isOurs(options);
    },
    interface: (described, options) => this.#described(described, options),
    packet: ({ interface: { id }, bytes, offset, captured, original, timeHigh, timeLow, options }) => {
      const own = this.#section[id]!;
      own.clock.read(timeHigh, timeLow);
      this.#flags = 0;
      if (options.from < options.to) {
        this.#options = options;
        visitOptions(options.view, options.from, options.to, options.little, this.#visit);
      }
      this.columns.bytes = bytes;
      this.columns.add(
        offset,
        captured,
        original,
        own.clock.seconds,
        own.clock.nanoseconds,
        own.id,
        directions[this.#flags & 3]!,
      );
    },
    statistics: (interfaceId, options) => this.#statistics(interfaceId, options),
  });

  push(chunk: Uint8Array): boolean {
    return this.#reader.push(chunk);
  }

  end(): string | null {
    return this.#reader.end();
  }

  /** Statistics count from the start; drops told packet by packet are the same ones. */
  lost(): number | null {
    if (this.#lostBy.size === 0) return this.#lostBetween;
    const counted = [...this.#lostBy.values()].reduce((sum, lost) => sum + lost, 0);
    return Math.max(counted, this.#lostBetween ?? 0);
  }

  #described(described: CapturedInterface, { view, from, to, little }: OptionsPlace): void {
    const { linkType, snapLength, unitsPerSecond, timeOffset } = described;
    const id = this.interfaces.length;
    const text = (code: number): string | null => optionTexts(view, from, to, little, code)[0] ?? null;
    this.#section.push({ id, clock: new InterfaceClock(unitsPerSecond, timeOffset) });
    this.interfaces.push({
      id,
      name: text(OptionCode.InterfaceName),
      description: text(OptionCode.InterfaceDescription),
      linkType,
      snapLength,
      unitsPerSecond,
    });
  }

  #option(code: number, offset: number, length: number): void {
    const { view, little } = this.#options!;
    if (code === OptionCode.PacketFlags && length >= 4) this.#flags = view.getUint32(offset, little);
    if (code === OptionCode.PacketId && length >= 8 && this.#tellsMarks) {
      const [first, second] = [view.getUint32(offset, little), view.getUint32(offset + 4, little)];
      this.columns.told.add(this.columns.count, little ? first : second, little ? second : first);
    }
    if (code === OptionCode.PacketDropCount && length >= 8) {
      this.#lostBetween = (this.#lostBetween ?? 0) + Number(view.getBigUint64(offset, little));
    }
  }

  #statistics(interfaceId: number, { view, from, to, little }: OptionsPlace): void {
    const own = this.#section[interfaceId];
    if (own === undefined) return;
    let lost: number | undefined;
    visitOptions(view, from, to, little, (code, offset, length) => {
      if (length < 8) return;
      if (code !== OptionCode.StatisticsDropped && code !== OptionCode.StatisticsOsDropped) return;
      lost = (lost ?? 0) + Number(view.getBigUint64(offset, little));
    });
    if (lost !== undefined) this.#lostBy.set(own.id, Math.max(this.#lostBy.get(own.id) ?? 0, lost));
  }
}

/** Whether the section was written by Hopmark. */
const isOurs = ({ view, from, to, little }: OptionsPlace): boolean =>
  optionTexts(view, from, to, little, OptionCode.SectionApplication)[0]?.startsWith("hopmark ") ?? false;

const directions = [Direction.Unknown, Direction.In, Direction.Out, Direction.Unknown] as const;
