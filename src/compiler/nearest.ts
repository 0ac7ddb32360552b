/** The name that is most like a wrong one, for "did you mean"; undefined when none is. */
export const nearest = (wrong: string, names: readonly string[]): string | undefined => {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(wrong.length / 3)) + 1;
  for (const name of names) {
    if (Math.abs(name.length - wrong.length) >= least) continue;
    const distance = editDistance(wrong, name, least);
    if (distance < least) [best, least] = [name, distance];
  }
  return best ?? names.find((name) => wrong.length >= 3 && name.endsWith(`_${wrong}`));
};

/** Insertions, deletions and replacements between two words (Levenshtein); `limit` when there are that many. */
const editDistance = (one: string, other: string, limit: number): number => {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let to = 1; to <= other.length; to++) {
      const replaced = (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
    if (Math.min(...row) >= limit) return limit;
  }
  return row[other.length] ?? limit;
};
