/** What each flow did: how many packets, on which path now, how long they took, and when it moved. Counting allocates nothing. */
import { FlowTable, type FlowIdentity } from "./flow-table.ts";
import { PathMoves } from "./path-moves.ts";

const DEFAULT_FLOWS = 1 << 14;
const NO_PATH = -1;

export interface Flow extends FlowIdentity {
  /** Index of the path that it takes now. */
  readonly path: number;
  readonly packets: number;
  readonly segments: number;
  /** How often it took another path. */
  readonly moves: number;
  /** Packets that came by a path the flow had left already: overtaken on the way, no move back. */
  readonly overtaken: number;
  /** Microseconds from the first hop to the last; null when no packet had both times in order. */
  readonly delayUs: { readonly min: number; readonly mean: number; readonly max: number } | null;
}

export class FlowStatistics {
  readonly moves = new PathMoves();
  readonly #table: FlowTable;
  readonly #path: Int32Array;
  readonly #packets: Float64Array;
  readonly #segments: Float64Array;
  readonly #moves: Float64Array;
  readonly #overtaken: Float64Array;
  /** When the latest packet was sent, µs. */
  readonly #sent: Float64Array;
  readonly #delays: Float64Array;
  readonly #delaySum: Float64Array;
  readonly #delayMin: Float64Array;
  readonly #delayMax: Float64Array;

  /** `capacity` flows are told apart at one time: a power of two, at least 4. */
  constructor(capacity: number = DEFAULT_FLOWS) {
    const numbers = (): Float64Array => new Float64Array(capacity);
    this.#table = new FlowTable(capacity);
    this.#path = new Int32Array(capacity);
    [this.#packets, this.#segments, this.#moves, this.#overtaken] = [numbers(), numbers(), numbers(), numbers()];
    [this.#sent, this.#delays, this.#delaySum] = [numbers(), numbers(), numbers()];
    [this.#delayMin, this.#delayMax] = [numbers(), numbers()];
  }

  /** Flows that lost their place to newer ones. */
  get evicted(): number {
    return this.#table.evicted;
  }

  /**
   * Counts a packet of the record at `offset`: its path, when it was sent and how long it took, µs; a negative delay is
   * unknown.
   */
  add(
    record: Uint8Array,
    offset: number,
    path: number,
    segments: number,
    sentUs: number,
    delayUs: number,
    nowUs: number,
  ): void {
    const flow = this.#table.placeOf(record, offset);
    if (this.#table.isNew) this.#forget(flow);
    this.#packets[flow]!++;
    this.#segments[flow]! += segments;
    if (delayUs >= 0) this.#addDelay(flow, delayUs);
    const { moves } = this;
    if (!moves.isQuiet) moves.passed(nowUs);
    const before = this.#path[flow]!;
    if (before === path) {
      if (sentUs > this.#sent[flow]!) this.#sent[flow] = sentUs;
    } else if (before !== NO_PATH && sentUs < this.#sent[flow]!) {
      this.#overtaken[flow]!++;
    } else {
      this.#path[flow] = path;
      this.#sent[flow] = sentUs;
      if (before === NO_PATH) return;
      this.#moves[flow]!++;
      moves.add(nowUs, before, path, flow);
    }
  }

  /** The flows with the most packets, at most `limit`. */
  busiest(limit: number): Flow[] {
    return this.#table
      .places()
      .toSorted((one, other) => this.#packets[other]! - this.#packets[one]! || one - other)
      .slice(0, limit)
      .map((flow) => this.#flow(flow));
  }

  /** How many are told apart now. */
  count(): number {
    return this.#table.places().length;
  }

  #flow(flow: number): Flow {
    const delays = this.#delays[flow]!;
    return {
      ...this.#table.identity(flow),
      path: this.#path[flow]!,
      packets: this.#packets[flow]!,
      segments: this.#segments[flow]!,
      moves: this.#moves[flow]!,
      overtaken: this.#overtaken[flow]!,
      delayUs:
        delays === 0
          ? null
          : { min: this.#delayMin[flow]!, mean: this.#delaySum[flow]! / delays, max: this.#delayMax[flow]! },
    };
  }

  #addDelay(flow: number, delayUs: number): void {
    this.#delays[flow]!++;
    this.#delaySum[flow]! += delayUs;
    if (delayUs < this.#delayMin[flow]!) this.#delayMin[flow] = delayUs;
    if (delayUs > this.#delayMax[flow]!) this.#delayMax[flow] = delayUs;
  }

  #forget(flow: number): void {
    this.#path[flow] = NO_PATH;
    this.#packets[flow] = this.#segments[flow] = this.#moves[flow] = this.#overtaken[flow] = 0;
    this.#sent[flow] = this.#delays[flow] = this.#delaySum[flow] = 0;
    this.#delayMin[flow] = Infinity;
    this.#delayMax[flow] = -1;
  }
}
