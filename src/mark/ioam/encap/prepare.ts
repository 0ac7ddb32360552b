/** An encapsulating program's configuration, made ready for its compilation. */
import type { EncapConfig, EncapNode, EncapProfile, EncapRule, EncapTunnel } from "./rule.ts";
import type { InsertedHeader } from "./count-inserted.bpf.ts";
import { insertedHeader } from "./inserted.bpf.ts";

/** A profile and the header that it inserts. */
export interface PreparedProfile extends EncapProfile {
  readonly number: number;
  readonly header: InsertedHeader;
}

export interface PreparedEncap extends EncapNode {
  /** `chain` compares with the rules one by one, `trie` asks the map. */
  readonly lookup: "chain" | "trie";
  /** Longest prefix first; of no use where the map is asked. */
  readonly rules: readonly EncapRule[];
  /** One body of code for each. */
  readonly profiles: readonly PreparedProfile[];
  /** Of all profiles. */
  readonly tunnels: readonly EncapTunnel[];
}

export const prepareEncap = ({ node, device, rules, lookup = "chain" }: EncapConfig): PreparedEncap => {
  const profiles = [...new Map(rules.map((rule) => [rule.profile, rule])).values()].map(
    ({
      profile: number,
      traceType,
      namespace,
      size,
      frequency,
      mode,
      tunnel,
      numbers,
      directExport,
    }): PreparedProfile => {
      const settings = { traceType, namespace, size, frequency, mode, tunnel };
      const profile = {
        ...settings,
        ...(numbers !== undefined && { numbers }),
        ...(directExport !== undefined && { directExport }),
      };
      return { ...profile, number, header: insertedHeader({ node, device }, profile) };
    },
  );
  const tunnels = profiles.flatMap(({ tunnel }) => (tunnel === null ? [] : [tunnel]));
  return {
    node,
    device,
    lookup,
    rules: rules.toSorted((one, other) => bitsOf(other) - bitsOf(one)),
    profiles,
    tunnels: tunnels.filter(
      (tunnel, index) =>
        tunnels.findIndex(
          ({ source, destination }) => source === tunnel.source && destination === tunnel.destination,
        ) === index,
    ),
  };
};

/** The prefix's length. */
const bitsOf = ({ prefix: { highMask, lowMask } }: EncapRule): number =>
  ((highMask << 64n) | lowMask).toString(2).replaceAll("0", "").length;
