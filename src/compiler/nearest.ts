/** Slips of the keyboard: which of the words that are known was meant. */

/**
 * The word among `known` that `typed` is a slip of: letters wrong, left out, added or swapped, one in three at most, and in
 * whichever case; or the one that it is the end of, behind a `_`. Undefined when none is near.
 */
export const nearest = (typed: string, known: Iterable<string>): string | undefined => {
  let best: string | undefined;
  let least = Math.floor(Math.max(typed.length, 2) / 3) + 1;
  if (typed.length < 2) return undefined;
  for (const word of known) {
    if (word === typed) continue;
    // In another case is less near than anything in the same.
    const distance = slips(typed.toLowerCase(), word.toLowerCase()) + (sharesCase(typed, word) ? 0 : 0.5);
    if (distance < Math.min(least, MOST_SLIPS + 1)) [best, least] = [word, distance];
  }
  return best ?? [...known].find((word) => typed.length >= 3 && word.endsWith(`_${typed}`));
};

const sharesCase = ([typed = ""]: string, [known = ""]: string): boolean =>
  (typed === typed.toLowerCase()) === (known === known.toLowerCase());

/** `; did you mean WORD?`, or nothing. */
export const didYouMean = (typed: string, known: Iterable<string>): string => {
  const word = nearest(typed, known);
  return word === undefined ? "" : `; did you mean ${word}?`;
};

/** {@link didYouMean}; where nothing is near, what there is. */
export const instead = (typed: string, known: readonly string[]): string => {
  const meant = didYouMean(typed, known);
  return meant !== "" || known.length === 0 ? meant : `; it has ${known.join(", ")}`;
};

const MOST_SLIPS = 4;

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours. */
const slips = (a: string, b: string): number => {
  if (Math.abs(a.length - b.length) > MOST_SLIPS) return Infinity;
  let [before, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
};
