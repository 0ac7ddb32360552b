import type { LinkStatistics } from "../../follow/trace/statistics.ts";

/** How each link's mean delay went lately: one value a sample, null where no packet came. */
export class DelayHistory {
  readonly #length: number;
  readonly #links = new Map<LinkStatistics, { count: number; sum: number; means: (number | null)[] }>();

  constructor(length: number) {
    this.#length = length;
  }

  /** Takes a sample of every link. */
  sample(links: readonly LinkStatistics[]): void {
    for (const link of links) {
      const { count, sum } = link.delaysUs;
      const before = this.#links.get(link) ?? { count: 0, sum: 0, means: [] };
      const mean = count === before.count ? null : (sum - before.sum) / (count - before.count);
      this.#links.set(link, { count, sum, means: [...before.means, mean].slice(-this.#length) });
    }
  }

  /** Oldest first; microseconds. */
  of(link: LinkStatistics): readonly (number | null)[] {
    return this.#links.get(link)?.means ?? [];
  }
}
