/** A set of whole numbers, kept as ascending ranges: which packets were lost, which were hit. */
export class RangeSet {
  readonly #most: number;
  #firsts = new Float64Array(64);
  #lasts = new Float64Array(64);
  #ranges = 0;
  #size = 0;
  #complete = true;

  /** `most`: ranges that are kept; numbers that would need more are not, see {@link complete}. */
  constructor(most = 1 << 20) {
    this.#most = most;
  }

  /** Numbers in it. */
  get size(): number {
    return this.#size;
  }

  get ranges(): number {
    return this.#ranges;
  }

  /** False when there were too many ranges, and something is missing. */
  get complete(): boolean {
    return this.#complete;
  }

  has(number: number): boolean {
    const at = this.#at(number);
    return at >= 0 && number <= this.#lasts[at]!;
  }

  /** Adds the numbers from `first` to `last`, none of which may be in it; ascending ones cost least. */
  add(first: number, last = first): void {
    const at = this.#at(first);
    const joinsBefore = at >= 0 && this.#lasts[at] === first - 1;
    const joinsAfter = at + 1 < this.#ranges && this.#firsts[at + 1] === last + 1;
    if (joinsBefore && joinsAfter) {
      this.#lasts[at] = this.#lasts[at + 1]!;
      this.#drop(at + 1);
    } else if (joinsBefore) this.#lasts[at] = last;
    else if (joinsAfter) this.#firsts[at + 1] = first;
    else if (!this.#insert(at + 1, first, last)) return;
    this.#size += last - first + 1;
  }

  /** Takes a number out; false when it was not in it. */
  delete(number: number): boolean {
    const at = this.#at(number);
    if (at < 0 || number > this.#lasts[at]!) return false;
    const first = this.#firsts[at]!;
    const last = this.#lasts[at]!;
    if (first === last) this.#drop(at);
    else if (number === first) this.#firsts[at] = number + 1;
    else if (number === last) this.#lasts[at] = number - 1;
    else {
      this.#lasts[at] = number - 1;
      if (!this.#insert(at + 1, number + 1, last)) this.#size -= last - number;
    }
    this.#size--;
    return true;
  }

  /** Forgets the lowest ranges; returns the highest number that was in one of them. */
  dropLowest(ranges: number): number {
    const dropped = Math.min(ranges, this.#ranges);
    for (let at = 0; at < dropped; at++) this.#size -= this.#lasts[at]! - this.#firsts[at]! + 1;
    const highest = dropped === 0 ? -Infinity : this.#lasts[dropped - 1]!;
    this.#firsts.copyWithin(0, dropped, this.#ranges);
    this.#lasts.copyWithin(0, dropped, this.#ranges);
    this.#ranges -= dropped;
    return highest;
  }

  /** First and last of each, ascending. */
  toArray(): [first: number, last: number][] {
    return Array.from({ length: this.#ranges }, (_, at) => [this.#firsts[at]!, this.#lasts[at]!]);
  }

  /** The last range that starts at or before the number; -1 when none does. */
  #at(number: number): number {
    let low = 0;
    let high = this.#ranges;
    // What comes is mostly the highest so far.
    if (high > 0 && this.#firsts[high - 1]! <= number) return high - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#firsts[middle]! <= number) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #insert(at: number, first: number, last: number): boolean {
    if (this.#ranges === this.#most) {
      this.#complete = false;
      return false;
    }
    if (this.#ranges === this.#firsts.length) {
      this.#firsts = grown(this.#firsts);
      this.#lasts = grown(this.#lasts);
    }
    this.#firsts.copyWithin(at + 1, at, this.#ranges);
    this.#lasts.copyWithin(at + 1, at, this.#ranges);
    this.#firsts[at] = first;
    this.#lasts[at] = last;
    this.#ranges++;
    return true;
  }

  #drop(at: number): void {
    this.#firsts.copyWithin(at, at + 1, this.#ranges);
    this.#lasts.copyWithin(at, at + 1, this.#ranges);
    this.#ranges--;
  }
}

const grown = (numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
  const more = new Float64Array(numbers.length * 2);
  more.set(numbers);
  return more;
};
