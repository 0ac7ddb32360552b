/** Many prefixes: the longest one wins, whether the program compares or asks the map. */
import { describe, expect, onTestFinished, test } from "vitest";
import { Twin } from "../../../../tests/support/twin.ts";
import { addressBytes } from "../../../wire/address.ts";
import { parsePrefix, prefixContains } from "../../../wire/prefix.ts";
import { encap } from "./encap.bpf.ts";
import { encapCounters, encapReasons } from "./counters.ts";
import { prefixHalves } from "./options.ts";
import { encapPrefixes, syncPrefixes, type PrefixEntry } from "./prefixes.ts";
import { frame } from "../conformance/frames.ts";
import { device, node, rule } from "../test-support/nodes.ts";

/** Nested, and side by side; the slot says which. */
const prefixes = [
  "db02::/16",
  "db02::/64",
  "db02::8000:0:0:0/65",
  "db02::2/128",
  "db02::/127",
  "db02:1::/32",
  "db02:1:8000::/33",
  "db03::/48",
  "db03::f000/116",
];
const destinations = [
  "db02::",
  "db02::1",
  "db02::2",
  "db02::3",
  "db02::8000:0:0:0",
  "db02:0:0:1::",
  "db02:1::1",
  "db02:1:8000::",
  "db02:1:7fff::",
  "db02:2::",
  "db03::1",
  "db03::ffff",
  "db03::f000",
  "db03:0:1::",
  "db04::",
];
/** Two profiles, of 64 and of 24 bytes. */
const sizeOf = (slot: number): number => (slot % 2 === 0 ? 48 : 8);
const entries: PrefixEntry[] = prefixes.map((prefix, slot) => ({ prefix, slot, profile: slot % 2 }));
const rules = entries.map(({ prefix, slot, profile }) =>
  rule({ prefix: prefixHalves(prefix), slot, profile, size: sizeOf(slot), traceType: 0x800000 }),
);

const expected = (destination: string): number => {
  const bytes = addressBytes("ipv6", destination);
  const matching = entries.filter(({ prefix }) => prefixContains(parsePrefix(prefix), bytes));
  return (
    matching.toSorted((one, other) => parsePrefix(other.prefix).length - parsePrefix(one.prefix).length)[0]?.slot ?? -1
  );
};

const twinOf = (lookup: "chain" | "trie"): Twin => {
  const twin = new Twin(encap({ node, device, rules, lookup }));
  onTestFinished(() => twin.close());
  return twin;
};

describe.each(["chain", "trie"] as const)("%s", (lookup) => {
  test("the longest prefix wins, and is counted", () => {
    const twin = twinOf(lookup);
    if (lookup === "trie") {
      syncPrefixes(twin.kernel.map(encapPrefixes), entries);
      syncPrefixes(twin.maps.map(encapPrefixes), entries);
    }
    const hits = new Map<number, number>();
    for (const destination of destinations) {
      const given = frame({ destination });
      const slot = expected(destination);
      const grown = slot < 0 ? 0 : 16 + sizeOf(slot);
      expect({ destination, grown: twin.run(given).packet.length - given.length }).toEqual({ destination, grown });
      if (slot >= 0) hits.set(slot, (hits.get(slot) ?? 0) + 1);
    }
    const names = entries.flatMap(({ slot }) => encapReasons.map((reason) => `${slot} ${reason}`));
    expect(twin.counts(encapCounters, names)).toEqual(
      Object.fromEntries(
        [...hits].flatMap(([slot, count]) => ["sent", "segments"].map((name) => [`${slot} ${name}`, count])),
      ),
    );
    // Each prefix was tried.
    expect(hits.size).toBe(entries.length);
  });
});

test("a profile that the program does not know yet leaves packets alone", () => {
  const twin = twinOf("trie");
  const unknown = [{ prefix: "db02::/64", slot: 1, profile: 7 }];
  syncPrefixes(twin.kernel.map(encapPrefixes), unknown);
  syncPrefixes(twin.maps.map(encapPrefixes), unknown);
  const given = frame();
  expect(twin.run(given).packet.length).toBe(given.length);
});

test("the map is made to say what the rules say, and nothing else", () => {
  const twin = twinOf("trie");
  const map = twin.kernel.map(encapPrefixes);
  const all = (): string[] =>
    [...map.entries()]
      .map(([{ address, prefixLength }, { slot, profile }]) => `${address}/${prefixLength} ${slot} ${profile}`)
      .toSorted();
  const texts = (some: readonly PrefixEntry[]): string[] =>
    some
      .map(({ prefix, slot, profile }) => `${prefix.includes("/") ? prefix : `${prefix}/128`} ${slot} ${profile}`)
      .toSorted();
  syncPrefixes(map, entries.slice(0, 5));
  expect(all()).toEqual(texts(entries.slice(0, 5)));
  const moved = entries.slice(2).map((entry) => ({ ...entry, slot: entry.slot + 10 }));
  syncPrefixes(map, moved);
  expect(all()).toEqual(texts(moved));
  syncPrefixes(map, []);
  expect(all()).toEqual([]);
});
