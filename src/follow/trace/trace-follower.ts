import { moveSummary, type MoveSummary } from "./path-summary.ts";
import { RecentRecords } from "./recent-records.ts";
import { pathObject, type NodeNames, type PathObject } from "./path-object.ts";
import { TraceStatistics } from "./statistics.ts";

const RECENT = 128;

export interface FollowerOptions {
  readonly names: NodeNames;
  /** Makes an object of every record; without it, records are only counted and copied. */
  readonly onPath?: (path: PathObject) => void;
  /** Flows that took another path, a second after the first of them did. */
  readonly onMove?: (move: MoveSummary) => void;
  /** Every record where it lies. */
  readonly onRecord?: (bytes: Uint8Array, offset: number) => void;
}

/**
 * Takes a sink's records from its ring: sums them up, keeps the latest, and hands out every path when someone wants it.
 *
 *     const follower = new TraceFollower({ names });
 *     const watch = sink.reader.watch((view, offset) => follower.take(view, offset));
 */
export class TraceFollower {
  readonly statistics: TraceStatistics;
  readonly #names: NodeNames;
  readonly #recent = new RecentRecords(RECENT);
  readonly #onPath: ((path: PathObject) => void) | undefined;
  readonly #onRecord: ((bytes: Uint8Array, offset: number) => void) | undefined;
  #view: DataView | undefined;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor({ names, onPath, onMove, onRecord }: FollowerOptions) {
    const statistics = new TraceStatistics();
    this.statistics = statistics;
    if (onMove !== undefined) {
      statistics.flows.moves.onEnd = (move) => onMove(moveSummary(move, statistics.paths, names));
    }
    this.#names = names;
    this.#onPath = onPath;
    this.#onRecord = onRecord;
  }

  /** The record at `offset`, where it lies in the ring. */
  take(view: DataView, offset: number): void {
    if (view !== this.#view) {
      this.#view = view;
      this.#bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    }
    this.statistics.add(this.#bytes, offset);
    this.#onRecord?.(this.#bytes, offset);
    if (this.#onPath === undefined) this.#recent.add(this.#bytes, offset);
    else this.#onPath(pathObject(this.#bytes, offset, this.#names));
  }

  /** Nothing comes any more: what waited for its end has it. */
  end(): void {
    this.statistics.flows.moves.close();
  }

  /** The latest paths, newest first; none when there is an `onPath`. */
  recent(limit: number): PathObject[] {
    return this.#recent.latest(limit, (bytes, offset) => pathObject(bytes, offset, this.#names));
  }
}
