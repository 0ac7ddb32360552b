/** What is noted beside an encapsulating device's pins. */
import type { CheckedEncap } from "./options.ts";
import type { EncapTunnel } from "./rule.ts";
import type { RouteChange } from "./route-mtu.ts";

/** A rule as it is kept: what was asked for, its place in the maps, and what was done to its route. */
export interface StoredRule extends CheckedEncap {
  readonly slot: number;
  /** Rules with the same settings share their code, which has this number. */
  readonly profile: number;
  /** Null in mode inline. */
  readonly tunnel: EncapTunnel | null;
  readonly route: RouteChange | null;
  /** Whose numbers they are, when packets are numbered. */
  readonly e2eOrigin?: number;
  /** What reports call its packets: the flow id that was asked for or drawn. */
  readonly dexFlowId?: number;
}

export interface EncapNote {
  /** In the order in which they were made. */
  readonly rules: readonly StoredRule[];
  readonly lookup: "chain" | "trie";
  /** Noted before a change begins and taken away after it: whoever finds it finishes the change. */
  readonly unfinished?: { readonly restore: readonly RouteChange[] };
}

export const noteIn = (options: unknown): EncapNote => options as EncapNote;

/** Up to so many rules are compared one by one; more are looked up in a map. A device goes back at half of it. */
const CHAIN_MOST = 16;

export const lookupFor = (count: number, before: EncapNote["lookup"]): EncapNote["lookup"] => {
  if (count > CHAIN_MOST) return "trie";
  return before === "trie" && count > CHAIN_MOST / 2 ? "trie" : "chain";
};

/** The settings that rules share their code by. */
export type ProfileSettings = Omit<StoredRule, "prefix" | "tunsrc" | "tundst" | "slot" | "profile" | "route">;

/** The slots and profiles of a device's rules: which are taken, and which comes next. */
export class Places {
  readonly #slots = new Set<number>();
  /** By settings: the profile's number, and how many rules share it. */
  readonly #profiles = new Map<string, { readonly number: number; rules: number }>();
  /** No slot below is free. */
  #from = 0;

  constructor(rules: readonly StoredRule[]) {
    for (const rule of rules) this.add(rule);
  }

  add(rule: StoredRule): void {
    this.#slots.add(rule.slot);
    const key = settingsKey(rule);
    const profile = this.#profiles.get(key);
    if (profile === undefined) this.#profiles.set(key, { number: rule.profile, rules: 1 });
    else profile.rules++;
  }

  remove(rule: StoredRule): void {
    this.#slots.delete(rule.slot);
    this.#from = Math.min(this.#from, rule.slot);
    const key = settingsKey(rule);
    const profile = this.#profiles.get(key);
    if (profile !== undefined && --profile.rules === 0) this.#profiles.delete(key);
  }

  /** The lowest slot that is free. */
  freeSlot(): number {
    this.#from = lowestFree(this.#slots, this.#from);
    return this.#from;
  }

  /** The profile of other rules with these settings; else the preferred number when it is free, or the lowest that is. */
  profileFor(settings: ProfileSettings, preferred?: number): number {
    const same = this.#profiles.get(settingsKey(settings));
    if (same !== undefined) return same.number;
    const taken = new Set([...this.#profiles.values()].map(({ number }) => number));
    return preferred === undefined || taken.has(preferred) ? lowestFree(taken, 0) : preferred;
  }
}

const lowestFree = (taken: ReadonlySet<number>, from: number): number => {
  let free = from;
  while (taken.has(free)) free++;
  return free;
};

/** The same for rules that share their code. */
export const settingsKey = ({
  traceType,
  namespaceId,
  size,
  frequency,
  mode,
  tunnel,
  ...own
}: ProfileSettings): string =>
  JSON.stringify([
    [traceType, namespaceId, size, frequency.packets, frequency.of, mode, tunnel],
    [own.e2eOrigin, own.dexFlowId],
  ]);
