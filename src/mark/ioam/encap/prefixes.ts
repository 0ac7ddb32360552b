/** Which rule a packet's destination chooses, where a device has many: the longest prefix that holds it. */
import type { MapHandle } from "../../../bpf/maps/handle.ts";
import { lpmTrie } from "../../../kernel/maps.ts";
import { formatAddress, ipv6 } from "../../../wire/address.ts";
import { header, ipv6Address, struct, u32, type TypeOf } from "../../../wire/layout.ts";
import { parsePrefix } from "../../../wire/prefix.ts";
import { MAX_RULES } from "./counters.ts";

/** Packed: the map counts its bits from right behind the length. */
const PrefixKey = header("prefix", "linux/bpf.h, struct bpf_lpm_trie_key_u8", {
  prefixLength: u32,
  address: ipv6Address,
});
const PrefixRule = struct("prefix_rule", { slot: u32, profile: u32 });

export const encapPrefixes = lpmTrie(PrefixKey, PrefixRule, { entries: MAX_RULES, name: "encap_prefixes" });

type Prefixes = MapHandle<TypeOf<typeof PrefixKey>, TypeOf<typeof PrefixRule>>;

/** What the map says of a rule. */
export interface PrefixEntry {
  /** `db02::/64`, canonical. */
  readonly prefix: string;
  readonly slot: number;
  readonly profile: number;
}

/** Makes the map say what the rules say, one entry at a time: those that stay are never missing. */
export const syncPrefixes = (map: Prefixes, rules: readonly PrefixEntry[]): void => {
  const wanted = new Map(rules.map((rule) => [rule.prefix, rule]));
  const present = new Map([...map.entries()].map(([key, value]) => [textOf(key), { key, value }]));
  for (const [prefix, { key }] of present) if (!wanted.has(prefix)) map.delete(key);
  for (const { prefix, slot, profile } of rules) {
    const value = present.get(prefix)?.value;
    if (value?.slot !== slot || value.profile !== profile) map.set(keyOf(prefix), { slot, profile });
  }
};

const keyOf = (prefix: string): TypeOf<typeof PrefixKey> => {
  const { bytes, length } = parsePrefix(prefix);
  return { prefixLength: length, address: ipv6(formatAddress("ipv6", bytes, 0)) };
};

const textOf = ({ prefixLength, address }: TypeOf<typeof PrefixKey>): string => `${address}/${prefixLength}`;
