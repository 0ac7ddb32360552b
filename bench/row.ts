/** What a benchmark reports, and how it is measured: interleaved rounds, medians, both sides in the same run. */

export interface Row {
  readonly name: string;
  readonly unit: string;
  /** Median over the rounds. */
  readonly ours: number;
  /** What we are measured against, with its median in the same rounds. */
  readonly peer: { readonly name: string; readonly value: number };
  /** ours / peer. */
  readonly ratio: number;
  /** Interquartile range of the ratios of single rounds, as a part of the median: how far to trust it. */
  readonly spread: number;
  readonly rounds: number;
  readonly better: "lower" | "higher";
  /** Numbers to tell beside it. */
  readonly details?: Readonly<Record<string, number>>;
}

/** Of measurements in pairs. */
export interface PairedRow extends Row {
  /** ours - peer: median of the rounds' own, in `unit`. */
  readonly difference: number;
}

export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly better: Row["better"];
  readonly peerName: string;
  readonly rounds?: number;
  /** One measurement of ours, in `unit`. Throws when the work was not really done. */
  readonly ours: () => number;
  readonly peer: () => number;
}

const DEFAULT_ROUNDS = 9;

/** Measures A B A B …, after one round of each that does not count. */
export const compare = ({
  name,
  unit,
  better,
  peerName,
  rounds = DEFAULT_ROUNDS,
  ours,
  peer,
}: Comparison): PairedRow => {
  const pairs: { ours: number; peer: number }[] = [];
  ours();
  peer();
  for (let round = 0; round < rounds; round++) pairs.push({ ours: ours(), peer: peer() });
  return rowOf({ name, unit, better, peerName }, pairs);
};

/** What rounds came to that were measured in some other way, ours and the peer's in turns. */
export const rowOf = (
  { name, unit, better, peerName }: Pick<Comparison, "name" | "unit" | "better" | "peerName">,
  pairs: readonly { readonly ours: number; readonly peer: number }[],
): PairedRow => {
  const ratios = pairs.map((pair) => pair.ours / pair.peer);
  return {
    name,
    unit,
    ours: median(pairs.map((pair) => pair.ours)),
    peer: { name: peerName, value: median(pairs.map((pair) => pair.peer)) },
    ratio: median(ratios),
    difference: median(pairs.map((pair) => pair.ours - pair.peer)),
    spread: (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / median(ratios),
    rounds: pairs.length,
    better,
  };
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const quantile = (values: readonly number[], part: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
};

/** An area measures its rows one after the other, telling each as it is done. */
export type Area = (report: (row: Row) => void) => void | Promise<void>;
