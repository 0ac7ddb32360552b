/** The marks of one device and CPU: each number stands for one packet, and they count by one. */
import { RangeSet } from "../../wire/range-set.ts";
import { Histogram } from "../trace/histogram.ts";
import { ReorderExtent } from "./reorder-extent.ts";

/** What the arrival of a number meant. */
export const Arrival = {
  /** It came in its place, or the first of all. */
  InOrder: 0,
  /** It came after a higher one. */
  Reordered: 1,
  /** It had come before. */
  Duplicate: 2,
  /** So long after its time that nobody knows whether it had come before. */
  Late: 3,
} as const;

/** Gaps that are remembered. */
const MOST_GAPS = 1 << 18;
/** Gaps that are forgotten at once, when there are more. */
const FORGOTTEN_GAPS = MOST_GAPS / 8;

/** A sender that starts anew begins near 0. */
const RESTART_START = 64;
/** This far behind the highest number at least. */
const RESTART_DISTANCE = 64;
/** So many packets in a row must go on from there, no step longer than this. */
const RESTART_RUN = 16;
const RESTART_STEP = 64;

/** From one start of the sender to the next. */
export interface Generation {
  readonly first: number;
  /** The highest number. */
  readonly last: number;
  readonly received: number;
  readonly lost: number;
  /** Which are missing, first and last of each gap; without those that were forgotten. */
  readonly missing: [first: number, last: number][];
  /** Missing numbers that were forgotten, because there were too many gaps: they are counted as lost, not listed. */
  readonly forgotten: number;
}

const MOST_GENERATIONS = 16;

export class MarkStream {
  duplicated = 0;
  reordered = 0;
  late = 0;
  restarts = 0;
  /** All numbers of earlier starts of the sender are below it, and those of this one count from it. */
  base = 0;
  /** Numbers that came again, and those that came after a higher one, of all generations. */
  readonly duplicatedSeqs: RangeSet;
  readonly reorderedSeqs: RangeSet;
  /** Packets that overtook each reordered one (RFC 4737, section 4.2.1); those that cannot be known are {@link farReordered}. */
  readonly extents = new Histogram();
  /** How long after the first that overtook it each reordered packet came, ns (RFC 4737, section 4.2.2). */
  readonly lateTimesNs = new Histogram();
  /** Reordered by more than 8,192 new numbers. */
  farReordered = 0;
  readonly #past: Generation[] = [];
  readonly #extent = new ReorderExtent();
  #missing: RangeSet;
  #first = 0;
  #next = 0;
  #received = 0;
  /** Below it, it is not known what came. */
  #horizon = -Infinity;
  #forgotten = 0;
  /** Numbers in a row that look like a new start. */
  readonly #run = new Float64Array(RESTART_RUN);
  readonly #runTimes = new Float64Array(RESTART_RUN);
  #runLength = 0;
  #lostBefore = 0;
  readonly #mostGaps: number;
  readonly #onDecided: ((arrival: number) => void) | undefined;

  /** `onDecided` is called with what each undecided number was, in the order in which they came. */
  constructor(mostGaps = MOST_GAPS, onDecided?: (arrival: number) => void) {
    this.#mostGaps = mostGaps;
    this.#onDecided = onDecided;
    this.#missing = new RangeSet(mostGaps);
    this.duplicatedSeqs = new RangeSet(mostGaps);
    this.reorderedSeqs = new RangeSet(mostGaps);
  }

  /** Different numbers that came, of all generations. */
  get received(): number {
    return this.#past.reduce((sum, { received }) => sum + received, this.#received);
  }

  /** Numbers between the first and the last of each generation that did not come. */
  get lost(): number {
    return this.#past.reduce((sum, { lost }) => sum + lost, this.#lost);
  }

  /** Numbers that are missing so far, of all generations. */
  get missingNow(): number {
    return this.#lostBefore + this.#missing.size + this.#forgotten;
  }

  /** Whether the number that came last may be one of a sender that has started anew: what it was is not counted yet. */
  get isUndecided(): boolean {
    return this.#runLength > 0;
  }

  /** Missing numbers that are counted, and on no list any more. */
  get forgotten(): number {
    return this.#past.reduce((sum, { forgotten }) => sum + forgotten, this.#forgotten);
  }

  /** Generations so far, the one that goes on last; the oldest of more than 17 are left out. */
  get generations(): Generation[] {
    return this.#received === 0 ? [...this.#past] : [...this.#past, this.#generation()];
  }

  /**
   * A packet with this number; one of {@link Arrival}. While numbers come that may be those of a sender that has started anew,
   * what is said of them is what they would be otherwise.
   */
  arrive(number: number, timeNs: number): number {
    if (this.#runLength > 0) {
      const before = this.#run[this.#runLength - 1]!;
      if (number > before && number <= before + RESTART_STEP && number < this.#next) return this.#goOn(number, timeNs);
      this.settle();
    }
    if (this.#received > 0 && number < RESTART_START && this.#next - number >= RESTART_DISTANCE)
      return this.#goOn(number, timeNs);
    return this.#count(number, timeNs);
  }

  /** Counts what waits for more of its kind: nothing more comes, or something else. */
  settle(): void {
    const length = this.#runLength;
    this.#runLength = 0;
    for (let at = 0; at < length; at++) {
      const arrival = this.#count(this.#run[at]!, this.#runTimes[at]!);
      this.#onDecided?.(arrival);
    }
  }

  get #lost(): number {
    return this.#received === 0 ? 0 : this.#next - this.#first - this.#received;
  }

  #generation(): Generation {
    return {
      first: this.#first,
      last: this.#next - 1,
      received: this.#received,
      lost: this.#lost,
      missing: this.#missing.toArray(),
      forgotten: this.#forgotten,
    };
  }

  #raise(number: number, timeNs: number): number {
    if (this.#received === 0) this.#first = number;
    this.#next = number + 1;
    this.#received++;
    this.#extent.raise(number, this.#received, timeNs);
    return Arrival.InOrder;
  }

  #reorder(number: number, timeNs: number): number {
    this.#received++;
    this.reordered++;
    note(this.reorderedSeqs, number);
    const overtaker = this.#extent.overtaker(number);
    if (overtaker < 0) this.farReordered++;
    else {
      this.extents.add(this.#received - this.#extent.arrivalAt(overtaker));
      this.lateTimesNs.add(Math.max(0, timeNs - this.#extent.timeAt(overtaker)));
    }
    return Arrival.Reordered;
  }

  #miss(first: number, last: number): void {
    if (this.#missing.ranges === this.#mostGaps) {
      const before = this.#missing.size;
      this.#horizon = this.#missing.dropLowest(Math.max(1, Math.min(FORGOTTEN_GAPS, this.#mostGaps >> 3))) + 1;
      this.#forgotten += before - this.#missing.size;
    }
    this.#missing.add(first, last);
  }

  #count(number: number, timeNs: number): number {
    if (this.#received === 0 || number >= this.#next) {
      if (this.#received > 0 && number > this.#next) this.#miss(this.#next, number - 1);
      return this.#raise(number, timeNs);
    }
    if (this.#missing.delete(number)) return this.#reorder(number, timeNs);
    if (number < this.#horizon) {
      this.late++;
      return Arrival.Late;
    }
    if (number >= this.#first) {
      this.duplicated++;
      note(this.duplicatedSeqs, number);
      return Arrival.Duplicate;
    }
    if (number + 1 < this.#first) this.#missing.add(number + 1, this.#first - 1);
    this.#first = number;
    return this.#reorder(number, timeNs);
  }

  /** One more number of what may be a new start. */
  #goOn(number: number, timeNs: number): number {
    this.#run[this.#runLength] = number;
    this.#runTimes[this.#runLength] = timeNs;
    this.#runLength++;
    if (this.#runLength === RESTART_RUN) {
      this.#restart();
      return Arrival.InOrder;
    }
    return this.#missing.has(number) || number < this.#first ? Arrival.Reordered : Arrival.Duplicate;
  }

  #restart(): void {
    this.restarts++;
    this.#past.push(this.#generation());
    this.#lostBefore += this.#lost;
    this.base += this.#next;
    if (this.#past.length > MOST_GENERATIONS) this.#join();
    this.#missing = new RangeSet(this.#mostGaps);
    this.#extent.clear();
    this.#received = this.#forgotten = 0;
    this.#horizon = -Infinity;
    this.settle();
  }

  /** Keeps the sums of the two oldest generations in one, without a list. */
  #join(): void {
    const [one, other] = this.#past.splice(0, 2);
    if (one === undefined || other === undefined) return;
    const lost = one.lost + other.lost;
    this.#past.unshift({ ...other, received: one.received + other.received, lost, missing: [], forgotten: lost });
  }
}

const note = (seqs: RangeSet, number: number): void => {
  if (!seqs.has(number)) seqs.add(number);
};
