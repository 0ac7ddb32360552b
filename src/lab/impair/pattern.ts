/** Which packets are hit, as data: of matching packets, numbered from 0 in the order in which they come. */
import { ConfigError } from "../../errors.ts";

/** `run` packets in a row are hit together; 1: each by itself. */
export type Pattern =
  /** Of runs, each is hit with this likelihood, above 0 and at most 1. */
  | { readonly kind: "share"; readonly share: number; readonly run: number }
  /** The first of every so many, from packet `from` on. */
  | { readonly kind: "every"; readonly every: number; readonly from: number; readonly run: number }
  /** These, first and last, ascending and apart. */
  | { readonly kind: "list"; readonly ranges: readonly Range[] };

export type Range = readonly [first: number, last: number];

/** Each becomes two comparisons of the kernel program. */
const MOST_RANGES = 128;
const MOST = 2 ** 48;

/**
 * Reads a pattern:
 *
 *     1%           each with a likelihood of 1 %
 *     every:100    packets 0, 100, 200 …
 *     every:100+7  packets 7, 107, 207 …
 *     at:3,7,20-25 these
 *     1%x5         runs of 5, of which 1 % are hit; every:100x5: packets 0 to 4, 100 to 104 …
 *
 * @throws ConfigError
 */
export const parsePattern = (text: string): Pattern => {
  const share = /^(\d+(?:\.\d+)?|\.\d+)%(?:x(\d+))?$/.exec(text);
  if (share !== null) return shareOf(text, Number(share[1]) / 100, Number(share[2] ?? 1));
  const every = /^every:(\d+)(?:\+(\d+))?(?:x(\d+))?$/.exec(text);
  if (every !== null) return everyOf(text, Number(every[1]), Number(every[2] ?? 0), Number(every[3] ?? 1));
  const list = /^at:([\d,-]+)$/.exec(text);
  if (list !== null) return { kind: "list", ranges: rangesOf(text, list[1]!.split(",")) };
  throw new ConfigError(`"${text}" does not say which packets`, {
    hint: "write 1%, every:100, every:100+7, at:3,7,20-25, or with x5 behind 1% or every:100 for five in a row",
  });
};

const shareOf = (text: string, share: number, run: number): Pattern => {
  if (!(share > 0 && share <= 1)) throw new ConfigError(`"${text}": the share is above 0 and at most 100%`);
  checkRun(text, run, MOST);
  return { kind: "share", share, run };
};

const everyOf = (text: string, every: number, from: number, run: number): Pattern => {
  if (!(every >= 1 && every <= MOST)) throw new ConfigError(`"${text}": every first packet at least`);
  if (from > MOST) throw new ConfigError(`"${text}": counting starts at ${MOST} at most`);
  checkRun(text, run, every);
  return { kind: "every", every, from, run };
};

const checkRun = (text: string, run: number, most: number): void => {
  if (run >= 1 && run <= most) return;
  throw new ConfigError(`"${text}": a run has 1 to ${most} packets`);
};

const rangesOf = (text: string, words: readonly string[]): Range[] => {
  const ranges = words.map((word): Range => {
    const [first, last = first, more] = word.split("-");
    const range: Range = [Number(first), Number(last)];
    if (first === "" || last === "" || more !== undefined || range[0] > range[1] || range[1] > MOST)
      throw new ConfigError(`"${text}": "${word}" is no packet number and no range of them`);
    return range;
  });
  if (ranges.length > MOST_RANGES)
    throw new ConfigError(`"${text}" has ${ranges.length} parts, at most ${MOST_RANGES} are possible`, {
      hint: "name ranges, or a rule such as every:100",
    });
  ranges.sort(([one], [other]) => one - other);
  if (ranges.some(([first], at) => at > 0 && first <= ranges[at - 1]![1]))
    throw new ConfigError(`"${text}" names a packet twice`);
  return ranges;
};
