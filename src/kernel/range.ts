/** `for (const at of range(from, to))`: the kernel's own loop over numbers. */

/** The kernel's limit (`BPF_MAX_LOOPS`); a longer range has no rounds at all. */
export const MAX_ROUNDS = 1 << 23;

/**
 * The whole numbers from `from` up to, not including, `to`: for `for..of` in a kernel program, where it becomes the kernel's
 * number iterator (`bpf_iter_num`, Linux 6.4). The verifier looks at the body once or twice instead of at every round, but a
 * round costs a call: use it where a plain `for` has too many rounds, or branches too much, to be verified.
 *
 * Both bounds must be proven to lie in -2^31..2^31-1. A range of more than 8,388,608 numbers has no rounds, in the kernel
 * and in V8. What changes from round to round is unknown to the verifier at the start of each: test or mask it in the loop
 * before it becomes an offset or an index.
 *
 *     for (const at of range(0, tcp.dataOffset)) {
 *       if (skip(at)) continue;
 *       sum += word(at);
 *     }
 */
export const range = (from: number, to: number): Iterable<number> => {
  for (const bound of [from, to]) {
    if ((bound | 0) !== bound) throw new RangeError(`range(${from}, ${to}): ${bound} is not in -2^31..2^31-1`);
  }
  return { [Symbol.iterator]: () => numbers(from, to - from > MAX_ROUNDS ? from : to) };
};

const numbers = function* (from: number, to: number): Generator<number, void> {
  for (let at = from; at < to; at++) yield at;
};
