/** The packets that were hit, as a list of numbers and of marks. */
import { RangeSet } from "../../wire/range-set.ts";
import { Harm } from "./hit.bpf.ts";

type HarmName = "loss" | "duplicate" | "reorder" | "delay";

/** What one kind of harm was done to. */
export interface HarmReport {
  readonly packets: number;
  /** Numbers of the packets among those that match, first and last of each range. */
  readonly indices: [first: number, last: number][];
  /** The marks of those that carry one, by CPU. */
  readonly marks: { readonly cpu: number; readonly seqs: [first: number, last: number][] }[];
  /** False when there were too many to list. */
  readonly complete: boolean;
}

export class HitList {
  readonly #indices: readonly RangeSet[] = harms.map(() => new RangeSet());
  readonly #marks: readonly Map<number, RangeSet>[] = harms.map(() => new Map<number, RangeSet>());
  readonly #packets = harms.map(() => 0);
  /** Marks that came again: fragments, or several devices that count alike. */
  readonly #again = harms.map(() => false);

  /** A `HitRecord` of the ring. */
  readonly take = (view: DataView, offset: number): void => {
    const harm = view.getUint8(offset + 16);
    const indices = this.#indices[harm];
    if (indices === undefined) return;
    this.#packets[harm]! += 1;
    indices.add(Number(view.getBigUint64(offset, true)));
    if (view.getUint8(offset + 17) === 0) return;
    const cpu = view.getUint8(offset + 18);
    let marks = this.#marks[harm]!.get(cpu);
    if (marks === undefined) this.#marks[harm]!.set(cpu, (marks = new RangeSet()));
    const seq = Number(view.getBigUint64(offset + 8, true));
    if (marks.has(seq)) this.#again[harm] = true;
    else marks.add(seq);
  };

  report(): Readonly<Record<HarmName, HarmReport>> {
    return {
      loss: this.#of(Harm.Loss),
      duplicate: this.#of(Harm.Duplicate),
      reorder: this.#of(Harm.Reorder),
      delay: this.#of(Harm.Delay),
    };
  }

  #of(harm: number): HarmReport {
    const marks = [...this.#marks[harm]!].sort(([one], [other]) => one - other);
    return {
      packets: this.#packets[harm]!,
      indices: this.#indices[harm]!.toArray(),
      marks: marks.map(([cpu, seqs]) => ({ cpu, seqs: seqs.toArray() })),
      complete: this.#indices[harm]!.complete && marks.every(([, seqs]) => seqs.complete) && !this.#again[harm]!,
    };
  }
}

const harms = Object.values(Harm);
