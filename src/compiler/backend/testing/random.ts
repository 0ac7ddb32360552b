/** A small seeded generator of random numbers (xorshift32), so that a failure names the seed that brings it back. */
export interface Random {
  /** 0 to `limit` - 1. */
  readonly below: (limit: number) => number;
  /** True once in `of` times. */
  readonly once: (of: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
  readonly u64: () => bigint;
}

export const random = (seed: number): Random => {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x85ebca6b) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let i = 0; i < 8; i++) next();
  const below = (limit: number): number => next() % limit;
  return {
    below,
    once: (of) => below(of) === 0,
    pick: (list) => list[below(list.length)]!,
    u64: () => (BigInt(next()) << 32n) | BigInt(next()),
  };
};
