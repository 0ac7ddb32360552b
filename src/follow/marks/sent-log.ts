/** What a sender sent, number by number: when each packet went, and whether it has arrived. */
import { RangeSet } from "../../wire/range-set.ts";

const PAGE = 1024;

interface Page {
  readonly log: SentLog;
  readonly number: number;
  readonly times: Float64Array;
  readonly states: Uint8Array;
}

const State = { None: 0, Sent: 1, Arrived: 2 } as const;

/** A sender that starts anew begins near 0, and so far behind at least. */
const RESTART_START = 64;
const RESTART_DISTANCE = 64;

/** Numbers whose times are kept, of all devices and CPUs together: 9 bytes each, given up in the order in which they were sent. */
export class SentWindow {
  readonly #pages = new Set<Page>();
  readonly #most: number;

  /** `most`: numbers that may be on their way at once. */
  constructor(most: number) {
    this.#most = Math.max(2, Math.ceil(most / PAGE));
  }

  add(page: Page): void {
    this.#pages.add(page);
    if (this.#pages.size <= this.#most) return;
    for (const oldest of this.#pages) {
      this.#pages.delete(oldest);
      oldest.log.giveUp(oldest);
      return;
    }
  }

  delete(page: Page): void {
    this.#pages.delete(page);
  }
}

/** The numbers of one device and CPU. */
export class SentLog {
  /** Arrived so long after they were sent that nobody knows when that was. */
  untimed = 0;
  /** The highest number that was sent, since the sender started. */
  highest = -1;
  /** All numbers of earlier starts of the sender are below it, and those of this one count from it. */
  base = 0;
  readonly #window: SentWindow;
  readonly #pages = new Map<number, Page>();
  /** What had not arrived when its time was given up. */
  #gone = new RangeSet();
  /** The highest number whose time was given up. */
  #horizon = -1;
  #sent = 0;
  #arrived = 0;
  #isListed = true;
  #last: Page | undefined;
  #lastNumber = -1;

  constructor(window: SentWindow) {
    this.#window = window;
  }

  get sent(): number {
    return this.#sent;
  }

  get lost(): number {
    return this.#sent - this.#arrived;
  }

  /** Whether {@link lostSeqs} is all that was lost: not when the sender started anew, or too much was lost. */
  get isListed(): boolean {
    return this.#isListed && this.#gone.complete;
  }

  /** False when that number was sent before, as with the pieces of one packet. */
  send(seq: number, timeNs: number): boolean {
    if (seq < RESTART_START && this.highest - seq >= RESTART_DISTANCE) this.#restart();
    if (seq > this.highest) this.highest = seq;
    const page = this.#page(seq) ?? this.#add(seq);
    const at = seq % PAGE;
    if (page.states[at] !== State.None) return false;
    page.states[at] = State.Sent;
    page.times[at] = timeNs;
    this.#sent++;
    return true;
  }

  /** Whether that number was sent, and has not arrived. */
  awaits(seq: number): boolean {
    return this.#page(seq)?.states[seq % PAGE] === State.Sent;
  }

  /** When an arriving number was sent; NaN when it was not, `Infinity` when that is not known any more. */
  arrive(seq: number): number {
    const page = this.#page(seq);
    const at = seq % PAGE;
    if (page === undefined || page.states[at] === State.None) return this.#arriveLate(seq);
    if (page.states[at] === State.Sent) this.#arrived++;
    page.states[at] = State.Arrived;
    return page.times[at]!;
  }

  /** The numbers that did not arrive. */
  lostSeqs(): RangeSet {
    const lost = new RangeSet();
    for (const [first, last] of this.#gone.toArray()) lost.add(first, last);
    for (const page of [...this.#pages.values()].sort((one, other) => one.number - other.number)) addLost(lost, page);
    return lost;
  }

  /** Forgets the times of a page. */
  giveUp(page: Page): void {
    addLost(this.#gone, page);
    this.#horizon = Math.max(this.#horizon, page.number * PAGE + PAGE - 1);
    this.#drop(page);
  }

  #arriveLate(seq: number): number {
    if (seq > this.#horizon) return NaN;
    if (this.#gone.delete(seq)) this.#arrived++;
    this.untimed++;
    return Infinity;
  }

  #page(seq: number): Page | undefined {
    const number = Math.floor(seq / PAGE);
    if (number === this.#lastNumber) return this.#last;
    this.#lastNumber = number;
    return (this.#last = this.#pages.get(number));
  }

  #add(seq: number): Page {
    const page = {
      log: this,
      number: Math.floor(seq / PAGE),
      times: new Float64Array(PAGE),
      states: new Uint8Array(PAGE),
    };
    this.#pages.set(page.number, page);
    this.#last = page;
    this.#window.add(page);
    return page;
  }

  #drop(page: Page): void {
    this.#pages.delete(page.number);
    if (this.#lastNumber === page.number) this.#last = undefined;
  }

  /** What was lost stays counted, and is listed no more: the numbers come again. */
  #restart(): void {
    for (const page of this.#pages.values()) {
      this.#window.delete(page);
      this.#drop(page);
    }
    this.#gone = new RangeSet();
    this.base += this.highest + 1;
    this.#horizon = this.highest = -1;
    this.#isListed = false;
  }
}

const addLost = (lost: RangeSet, { number, states }: Page): void => {
  for (let at = 0; at < PAGE; at++) {
    const seq = number * PAGE + at;
    if (states[at] === State.Sent && !lost.has(seq)) lost.add(seq);
  }
};
