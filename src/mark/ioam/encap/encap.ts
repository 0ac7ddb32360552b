/** Encapsulation rules on a device: add, change, delete, refresh, count. */
import type { PinnedSet } from "../../../bpf/pin/pinned-set.ts";
import { ConfigError } from "../../../errors.ts";
import { changeEncap, finishEncap, insertedBytes } from "./change.ts";
import { encapCounters, encapReasons } from "./counters.ts";
import { newRule, tunnelNow, type Ways } from "./new-rule.ts";
import { noteIn, Places, type StoredRule } from "./note.ts";
import { checkEncap, checkPrefix, refuseMissingRule, refuseSecondRule, type EncapOptions } from "./options.ts";
import { withDevice, type LocalDevice, type Target } from "../device.ts";
import { namespaceOf } from "../local-node.ts";
import type { Verb } from "../verb.ts";
import { roomWarnings } from "./plan-advice.ts";
import { withRoutes } from "./route-mtu.ts";

export type { StoredRule } from "./note.ts";

export interface EncapReport extends StoredRule {
  /** There was a rule for the prefix before. */
  readonly changed: boolean;
  /** Worth telling: what works, but not as the user may expect. */
  readonly warnings: readonly string[];
}

/**
 * Starts tracing packets to a prefix that leave by the device. A rule that is there for the prefix is changed under traffic: it
 * keeps its counters and, where it numbers packets, goes on counting. ConfigError before anything is changed, and where `verb`
 * wants it otherwise.
 */
export const addEncap = (target: Target, options: EncapOptions, verb: Verb = "add"): EncapReport => {
  const [report] = addEncaps(target, [options], verb);
  if (report === undefined) throw new Error("no rule was added");
  return report;
};

/** The same for many rules, in one step. */
export const addEncaps = (target: Target, wanted: readonly EncapOptions[], verb: Verb = "add"): EncapReport[] => {
  const checked = wanted.map((options) => checkEncap(options));
  return withDevice(target, (device) =>
    finishEncap(device, (encap) => {
      const rules = new Map(encap.note.rules.map((rule) => [rule.prefix, rule]));
      const places = new Places(encap.note.rules);
      const ways: Ways = new Map();
      const made = withRoutes(device.netns, (_, routes) =>
        checked.map((options) => {
          const before = rules.get(options.prefix);
          if (verb === "add") refuseSecondRule(options.prefix, rules, device.link.name);
          else if (verb === "change") refuseMissingRule(options.prefix, rules, device.link.name);
          if (before !== undefined) places.remove(before);
          const others = [...rules.values()].filter((rule) => rule !== before);
          const rule = newRule(options, { device, rules: others, places, routes, ways, before });
          rules.set(rule.prefix, rule);
          places.add(rule);
          return { rule, changed: before !== undefined };
        }),
      );
      changeEncap(encap, [...rules.values()]);
      return made.map(({ rule, changed }) => ({ ...rule, changed, warnings: warningsOf(rule, device) }));
    }),
  );
};

/** Stops tracing packets to a prefix, or to all prefixes of the device; returns the rules that went. ConfigError when there is none. */
export const deleteEncap = (target: Target, prefix?: string): StoredRule[] =>
  withDevice(target, (device) =>
    finishEncap(device, (encap) => {
      const { rules } = encap.note;
      const canonical = prefix === undefined ? undefined : checkPrefix(prefix);
      const going = rules.filter((rule) => canonical === undefined || rule.prefix === canonical);
      if (going.length === 0) {
        const there = rules.map((rule) => rule.prefix).join(", ");
        throw new ConfigError(
          `${device.link.name} does not trace packets to ${canonical ?? "any prefix"}`,
          there === "" ? {} : { hint: `it traces ${there}` },
        );
      }
      changeEncap(
        encap,
        rules.filter((rule) => !going.includes(rule)),
      );
      return going;
    }),
  );

/**
 * Makes the device's program anew from its rules, after the node's ids, namespaces or schemas changed; what the routes to
 * tunnels' ends say now is part of it.
 */
export const refreshEncap = (device: LocalDevice): void =>
  finishEncap(device, (encap) => {
    const ways: Ways = new Map();
    changeEncap(
      encap,
      encap.note.rules.map((rule) => ({ ...rule, tunnel: tunnelNow(device, rule, ways) })),
      true,
    );
  });

/** The rules in the note beside the pins. */
export const rulesIn = (options: unknown): readonly StoredRule[] => noteIn(options).rules;

/** How many packets each rule gave which fate; by rule and reason. */
export const encapCounts = (feature: PinnedSet): ReadonlyMap<string, Readonly<Record<string, bigint>>> => {
  const counters = feature.map("counters", encapCounters);
  return new Map(
    rulesIn(feature.options).map(({ prefix, slot }) => {
      const values = encapReasons.map(
        (reason, at) => [reason, counters.sum(slot * encapReasons.length + at)?.value ?? 0n] as const,
      );
      return [prefix, Object.fromEntries(values)];
    }),
  );
};

const warningsOf = (rule: StoredRule, device: LocalDevice): string[] => {
  const { link, node } = device;
  const warnings = rule.trace === "dex" ? [] : roomWarnings(rule, namespaceOf(node, rule.namespaceId).schema);
  if (rule.route === null) {
    const bytes = insertedBytes(device, rule);
    const without = rule.trace === "dex" ? "without asking for reports" : "without a trace";
    warnings.push(
      `no route to ${rule.prefix} by ${link.name} yet: packets longer than its MTU less ${bytes} will go ${without}; give the route mtu ${link.mtu - bytes}`,
    );
  }
  return warnings;
};
