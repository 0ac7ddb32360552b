/** What a map holds from one look to the next: what is new, what went, and how fast its counters grow. */
import { DevMap } from "../../kernel/dev-map.ts";
import { Variable, type Element, type MapDescriptor, type MapType } from "../../kernel/maps.ts";
import { readLayout } from "../../wire/codec.ts";
import { struct, u32, type Layout } from "../../wire/layout.ts";
import { toJsonText } from "../framework/output.ts";
import { leavesOf, shownValue, type Leaf } from "./leaves.ts";
import type { MapContents } from "./map-reader.ts";

/** What is under the keys of maps that hold programs or maps: the kernel's number of it. */
const KernelObject = struct("object", { id: u32 });

export interface WatchedEntry {
  readonly key: unknown;
  readonly value: unknown;
  readonly keyLeaves: readonly Leaf[];
  readonly valueLeaves: readonly Leaf[];
  /** Per second since the look before, by leaf; only of what grew. */
  readonly rates: Readonly<Record<string, number>>;
  readonly changed: boolean;
  /** Where the CPUs are shown each. */
  readonly cpu?: number;
}

export interface MapLook {
  readonly entries: readonly WatchedEntry[];
  /** What was there at the look before. */
  readonly removed: readonly Pick<WatchedEntry, "key" | "keyLeaves" | "cpu">[];
  /** There are more entries than were read. */
  readonly more: boolean;
  /** How many there are, where that is known though there are more. */
  readonly total?: number;
}

export class MapWatch {
  /** Unique among the program's. */
  readonly name: string;
  readonly descriptor: MapDescriptor;
  readonly #key: Element;
  readonly #value: Layout;
  readonly #hasSlots: boolean;
  readonly #zero: string;
  readonly #keyName: string;
  /** What numbers name things, programs or interfaces, does not grow. */
  readonly #counts: boolean;
  #before = new Map<string, { readonly text: string; readonly entry: WatchedEntry }>();
  #beforeMs: number;
  /** What the fields of arrays and variables held when counting started, which need not be nothing. */
  readonly #start = new Map<string, readonly Leaf[]>();
  readonly #growing = new Set<string>();
  readonly #shrunk = new Set<string>();
  #last: MapLook = { entries: [], removed: [], more: false };

  /** `nowMs`: when counting started, and `start` what was there then: entries made later count from nothing. */
  constructor(name: string, descriptor: MapDescriptor, nowMs: number, start?: MapContents) {
    const { keyElement } = descriptor;
    if (keyElement === null) throw new TypeError(`map ${name} has no entries`);
    const valueLayout = descriptor.valueLayout ?? KernelObject;
    this.name = name;
    this.descriptor = descriptor;
    this.#key = keyElement;
    this.#value = valueLayout;
    this.#hasSlots = hasSlots(descriptor);
    this.#zero = toJsonText(readLayout(valueLayout, new Uint8Array(valueLayout.size), 0));
    this.#keyName = hasIndexes.has(descriptor.type) ? "index" : "key";
    this.#counts = descriptor.valueLayout !== null && !(descriptor instanceof DevMap);
    this.#beforeMs = nowMs;
    if (hasSlots(descriptor) || descriptor instanceof Variable)
      for (const [key, value, cpu] of start?.entries ?? []) this.#start.set(idOf(key, cpu), this.#leaves(value));
  }

  /** The look before this one. */
  get last(): MapLook {
    return this.#last;
  }

  /** The leaves that grew at any look so far. */
  get growing(): ReadonlySet<string> {
    return this.#growing;
  }

  look(contents: MapContents, nowMs: number): MapLook {
    const seconds = Math.max(1, nowMs - this.#beforeMs) / 1000;
    const before = this.#before;
    this.#before = new Map();
    this.#beforeMs = nowMs;
    const entries: WatchedEntry[] = [];
    for (const [key, value, cpu] of contents.entries) {
      const id = idOf(key, cpu);
      const text = toJsonText(value);
      const known = before.get(id);
      // An array has all its entries always; those that never held anything say nothing.
      if (text === this.#zero && known === undefined && (this.#hasSlots || cpu !== undefined)) continue;
      const leaves = this.#leaves(value);
      const keyLeaves = key === null ? [] : leavesOf(this.#key, key, this.#keyName);
      if (cpu !== undefined) keyLeaves.push({ name: "cpu", text: String(cpu), number: cpu });
      const start = known?.entry.valueLeaves ?? this.#start.get(id);
      // What was not read the last time may have been there all the same.
      const isComparable = start !== undefined || !this.#last.more;
      const rates = isComparable ? this.#rates(id, leaves, start, seconds) : {};
      const shown = { key: key === null ? null : shownValue(this.#key, key), value: shownValue(this.#value, value) };
      const entry = {
        ...shown,
        keyLeaves,
        valueLeaves: leaves,
        rates,
        changed: text !== known?.text,
        ...(cpu !== undefined && { cpu }),
      };
      this.#before.set(id, { text, entry });
      entries.push(entry);
      for (const name of Object.keys(rates)) this.#growing.add(name);
    }
    const isGone = ([id]: readonly [string, unknown]): boolean => !contents.more && !this.#before.has(id);
    const removed = [...before].filter(isGone).map(([, { entry }]) => entry);
    const { more, total } = contents;
    this.#last = { entries, removed, more, ...(total !== undefined && { total }) };
    return this.#last;
  }

  #leaves(value: unknown): Leaf[] {
    return leavesOf(this.#value, value).map((leaf) => (this.#counts ? leaf : { ...leaf, number: null }));
  }

  /** Of what counts: not of times, durations and extremes, nor of what was seen to shrink. */
  #rates(
    id: string,
    leaves: readonly Leaf[],
    before: readonly Leaf[] | undefined,
    seconds: number,
  ): Record<string, number> {
    const rates: Record<string, number> = {};
    // An entry that was removed and made again between two looks has shrunk; its map's others go on counting.
    const stays = hasSlots(this.descriptor) || this.descriptor instanceof Variable;
    for (const [at, { name, number }] of leaves.entries()) {
      if (number === null || isNoCounter(name === BARE_VALUE ? this.name : name)) continue;
      const grown = Number(BigInt(number) - BigInt(before?.[at]?.number ?? 0));
      const field = stays ? name : `${id} ${name}`;
      if (grown < 0) {
        this.#shrunk.add(field);
        if (stays) this.#growing.delete(name);
      }
      if (grown > 0 && !this.#shrunk.has(field)) rates[name] = Math.round((grown / seconds) * 10) / 10;
    }
    return rates;
  }
}

const hasIndexes: ReadonlySet<MapType> = new Set<MapType>([
  "array",
  "percpu_array",
  "prog_array",
  "array_of_maps",
  "devmap",
]);

const hasSlots = (descriptor: MapDescriptor): boolean =>
  (descriptor.type === "array" || descriptor.type === "percpu_array") && !(descriptor instanceof Variable);

const idOf = (key: unknown, cpu: number | undefined): string =>
  cpu === undefined ? toJsonText(key) : `${cpu} ${toJsonText(key)}`;

/** The only leaf of a value without fields. */
const BARE_VALUE = "value";

/** `lastNs`, `seen_at`, `entry.time`, `maxDelay`, `largest_packet`: by the name alone can they be told from counters. */
const isNoCounter = (name: string): boolean =>
  /(?:Ns|Ms|Us|Time|At|(?:^|[._])(?:ns|ms|us|time|at))$/.test(name) ||
  /(?:^|[._])(?:min|max|smallest|largest|first|last)(?![a-z])/.test(name);
