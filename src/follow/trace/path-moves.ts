/**
 * Flows that leave one path for another: what a routing change, a failed link or a new ECMP hash looks like. Moves between
 * the same two paths within a second are one event. All times are those of the packets, so a recording shows the same.
 */

export interface PathMove {
  /** Microseconds since 1970 of the first and of the last packet that took the new path for the first time. */
  readonly timeUs: number;
  readonly lastUs: number;
  /** Indexes into the paths. */
  readonly from: number;
  readonly to: number;
  /** How many flows moved, each counted once. */
  readonly flows: number;
  /** How often they did: more than `flows` when some came back and moved again. */
  readonly moves: number;
}

interface Open extends PathMove {
  lastUs: number;
  moves: number;
  readonly moved: Set<number>;
}

const WINDOW_US = 1_000_000;
/** Different pairs of paths at one time. */
const MAX_OPEN = 64;
/** Events that are kept; the later ones are counted. */
const MAX_KEPT = 1000;

export class PathMoves {
  /** In the order in which they ended. */
  readonly ended: PathMove[] = [];
  /** All moves of all flows. */
  total = 0;
  /** Events that ended, also those that are not kept. */
  events = 0;
  /** Called for every event when it has ended. */
  onEnd: ((move: PathMove) => void) | undefined;
  #open: Open[] = [];

  /** Those that still go on. */
  get open(): readonly PathMove[] {
    return this.#open.map(withoutFlows);
  }

  get isQuiet(): boolean {
    return this.#open.length === 0;
  }

  /** Counts a move of this flow. */
  add(timeUs: number, from: number, to: number, flow: number): void {
    this.total++;
    let event = this.#open.find((one) => one.from === from && one.to === to);
    if (event === undefined) {
      if (this.#open.length === MAX_OPEN) this.#end(this.#open.shift()!);
      event = { timeUs, lastUs: timeUs, from, to, flows: 0, moves: 0, moved: new Set() };
      this.#open.push(event);
    }
    event.lastUs = timeUs;
    event.moves++;
    event.moved.add(flow);
  }

  /** Ends what began more than a second before. */
  passed(timeUs: number): void {
    while (this.#open.length > 0 && timeUs - this.#open[0]!.timeUs >= WINDOW_US) this.#end(this.#open.shift()!);
  }

  /** Ends all of them: nothing comes any more. */
  close(): void {
    for (const event of this.#open.splice(0)) this.#end(event);
  }

  #end(event: Open): void {
    const move = withoutFlows(event);
    this.events++;
    if (this.ended.length < MAX_KEPT) this.ended.push(move);
    this.onEnd?.(move);
  }
}

const withoutFlows = ({ moved, ...move }: Open): PathMove => ({ ...move, flows: moved.size });
