/** What a sender sent, number by number: when each packet went, and whether it has arrived. */
import { RangeSet } from "../../wire/range-set.ts";

const PAGE = 1024;

interface Page {
  readonly times: Float64Array;
  readonly states: Uint8Array;
}

const State = { None: 0, Sent: 1, Arrived: 2 } as const;

/** The numbers of one device and CPU: 9 bytes each. */
export class SentLog {
  readonly #pages = new Map<number, Page>();
  readonly #mostPages: number;
  readonly #gone = new RangeSet();
  #sent = 0;
  #arrived = 0;
  #last: Page | undefined;
  #lastNumber = -1;

  /** `most`: numbers that are kept; what has not arrived when so many later ones were sent is lost. All, without it. */
  constructor(most = Infinity) {
    this.#mostPages = most / PAGE;
  }

  get sent(): number {
    return this.#sent;
  }

  get lost(): number {
    return this.#sent - this.#arrived;
  }

  /** False when that number was sent before. */
  send(seq: number, timeNs: number): boolean {
    const page = this.#page(seq) ?? this.#add(seq);
    const at = seq % PAGE;
    if (page.states[at] !== State.None) return false;
    page.states[at] = State.Sent;
    page.times[at] = timeNs;
    this.#sent++;
    return true;
  }

  /** When an arriving number was sent; NaN when it was not. */
  arrive(seq: number): number {
    const page = this.#page(seq);
    const at = seq % PAGE;
    if (page === undefined || page.states[at] === State.None) return NaN;
    if (page.states[at] === State.Sent) this.#arrived++;
    page.states[at] = State.Arrived;
    return page.times[at]!;
  }

  /** The numbers that did not arrive. */
  lostSeqs(): RangeSet {
    const lost = new RangeSet();
    for (const [first, last] of this.#gone.toArray()) lost.add(first, last);
    for (const number of [...this.#pages.keys()].sort((one, other) => one - other))
      addLost(lost, number, this.#pages.get(number)!);
    return lost;
  }

  #page(seq: number): Page | undefined {
    const number = Math.floor(seq / PAGE);
    if (number === this.#lastNumber) return this.#last;
    this.#lastNumber = number;
    return (this.#last = this.#pages.get(number));
  }

  #add(seq: number): Page {
    const page = {
      times: new Float64Array(PAGE),
      states: new Uint8Array(PAGE),
    };
    this.#pages.set(Math.floor(seq / PAGE), page);
    if (this.#pages.size > this.#mostPages) this.#forgetOldest();
    return (this.#last = page);
  }

  #forgetOldest(): void {
    const [oldest] = this.#pages;
    if (oldest === undefined) return;
    const [number, page] = oldest;
    addLost(this.#gone, number, page);
    this.#pages.delete(number);
  }
}

const addLost = (lost: RangeSet, number: number, { states }: Page): void => {
  for (let at = 0; at < PAGE; at++) if (states[at] === State.Sent) lost.add(number * PAGE + at);
};
