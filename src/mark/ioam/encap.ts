/** Encapsulation rules on a device: add, delete, show. */
import type { PinnedSet } from "../../bpf/pin/pinned-set.ts";
import { ConfigError } from "../../errors.ts";
import { encapCounters, encapReasons, encapSamples, encap, MAX_RULES } from "./encap.bpf.ts";
import type { EncapRule } from "./encap-rule.ts";
import { checkEncap, checkOverlap, prefixHalves, type EncapOptions } from "./encap-options.ts";
import { withDevice, type LocalDevice, type Target } from "./device.ts";
import { applyFeature, findFeature, type FeatureSetup } from "./feature.ts";
import { insertedHeader } from "./inserted.bpf.ts";
import { namespaceOf } from "./local-node.ts";
import { roomWarnings } from "./plan-advice.ts";
import { lowerRouteMtu, restoreRouteMtu, type RouteChange } from "./route-mtu.ts";

/** A rule as it is kept: what was asked for, its place in the maps, and what was done to its route. */
export interface StoredRule extends EncapOptions {
  readonly slot: number;
  readonly route: RouteChange | null;
}

export interface EncapReport extends StoredRule {
  /** Worth telling: what works, but not as the user may expect. */
  readonly warnings: readonly string[];
}

/** Starts tracing packets to a prefix that leave by the device. ConfigError before anything is changed. */
export const addEncap = (target: Target, options: EncapOptions): EncapReport =>
  withDevice(target, (device) => {
    const wanted = checkEncap(options);
    const bytes = insertedBytes(device, { ...wanted, slot: 0, route: null });
    const rules = storedRules(device);
    checkOverlap(wanted, rules, device.link.name);
    const slot = freeSlot(rules, device);
    const route = lowerRouteMtu(device.netns, wanted.prefix, device.link, bytes);
    const rule: StoredRule = { ...wanted, slot, route };
    try {
      resetCounters(device, slot);
      applyFeature(device, "ioam-encap", setupOf(device, [...rules, rule]));
    } catch (error) {
      if (route !== null) restoreRouteMtu(device.netns, route);
      throw error;
    }
    return { ...rule, warnings: warningsOf(rule, bytes, device) };
  });

/** Stops tracing packets to a prefix, or to all prefixes of the device; returns the rules that went. ConfigError when there is none. */
export const deleteEncap = (target: Target, prefix?: string): StoredRule[] =>
  withDevice(target, (device) => {
    const rules = storedRules(device);
    const canonical = prefix === undefined ? undefined : checkEncap({ ...placeholder, prefix }).prefix;
    const going = rules.filter((rule) => canonical === undefined || rule.prefix === canonical);
    if (going.length === 0) {
      const there = rules.map((rule) => rule.prefix).join(", ");
      throw new ConfigError(
        `${device.link.name} does not trace packets to ${canonical ?? "any prefix"}`,
        there === "" ? {} : { hint: `it traces ${there}` },
      );
    }
    const staying = rules.filter((rule) => !going.includes(rule));
    if (staying.length > 0) applyFeature(device, "ioam-encap", setupOf(device, staying));
    else {
      const feature = findFeature(device, "ioam-encap");
      feature?.remove();
    }
    for (const { route } of going) if (route !== null) restoreRouteMtu(device.netns, route);
    return going;
  });

/** Makes the device's program anew from its rules, after the node's ids, namespaces or schemas changed. */
export const refreshEncap = (device: LocalDevice): void => {
  const rules = storedRules(device);
  if (rules.length > 0) applyFeature(device, "ioam-encap", setupOf(device, rules));
};

/** The rules of a device, in the order in which they were made. */
const storedRules = (device: LocalDevice): StoredRule[] => {
  const feature = findFeature(device, "ioam-encap");
  if (feature === undefined) return [];
  const { options } = feature;
  feature.close();
  return rulesIn(options);
};

/** The rules in the note beside the pins. */
export const rulesIn = (options: unknown): StoredRule[] => (options as { rules: StoredRule[] }).rules;

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

const placeholder: EncapOptions = {
  prefix: "::/0",
  traceType: 0x80_0000,
  namespaceId: 0,
  size: 4,
  frequency: { packets: 1, of: 1 },
};

const freeSlot = (rules: readonly StoredRule[], device: LocalDevice): number => {
  const taken = new Set(rules.map((rule) => rule.slot));
  for (let slot = 0; slot < MAX_RULES; slot++) if (!taken.has(slot)) return slot;
  throw new ConfigError(`${device.link.name} has ${MAX_RULES} rules, which is all that fit`, {
    hint: "use wider prefixes",
  });
};

/** A rule deleted before may have left its counts in the slot. */
const resetCounters = (device: LocalDevice, slot: number): void => {
  const feature = findFeature(device, "ioam-encap");
  if (feature === undefined) return;
  try {
    const counters = feature.map("counters", encapCounters);
    const zero = Array.from({ length: counters.raw.cpus }, () => ({ value: 0n }));
    for (const [at] of encapReasons.entries()) counters.set(slot * encapReasons.length + at, zero);
    feature.map("samples", encapSamples).set(slot, { value: 0n });
  } finally {
    feature.close();
  }
};

/** The rule as its program has it. ConfigError when the node does not know its namespace. */
const programRule = (node: LocalDevice["node"], rule: StoredRule): EncapRule => ({
  ...rule,
  prefix: prefixHalves(rule.prefix),
  namespace: namespaceOf(node, rule.namespaceId),
});

/** By how much the rule makes packets longer. */
const insertedBytes = ({ node, interface: device }: LocalDevice, rule: StoredRule): number =>
  insertedHeader({ node, device }, programRule(node, rule)).bytes;

const setupOf = ({ node, interface: device }: LocalDevice, rules: readonly StoredRule[]): FeatureSetup => ({
  programs: {
    egress: encap({
      node,
      device,
      rules: rules.map((rule) => programRule(node, rule)),
    }),
  },
  maps: { counters: encapCounters, samples: encapSamples },
  options: {
    rules: rules.map((rule) => ({
      ...rule,
      frequency: { ...rule.frequency },
      route: rule.route === null ? null : { ...rule.route },
    })),
  },
});

const warningsOf = (rule: StoredRule, bytes: number, { link, node }: LocalDevice): string[] => {
  const warnings = roomWarnings(rule, namespaceOf(node, rule.namespaceId).schema);
  if (rule.route === null) {
    warnings.push(
      `no route to ${rule.prefix} by ${link.name} yet: packets longer than its MTU less ${bytes} will go without a trace; give the route mtu ${link.mtu - bytes}`,
    );
  }
  return warnings;
};
