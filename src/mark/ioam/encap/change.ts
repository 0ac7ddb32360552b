/**
 * Changing what a device encapsulates, in steps that each leave traffic as it was or as it is to be. What will be is noted
 * first: if the command dies on the way, the next one finishes.
 */
import type { PinnedSet } from "../../../bpf/pin/pinned-set.ts";
import type { Json } from "../../../bpf/pin/meta.ts";
import { removeLeftovers } from "../../../bpf/pin/registry.ts";
import { encap } from "./encap.bpf.ts";
import { encapCounters, encapReasons, encapSamples } from "./counters.ts";
import { lookupFor, noteIn, settingsKey, type EncapNote, type StoredRule } from "./note.ts";
import { e2eSequences } from "./edge-to-edge.bpf.ts";
import { GROUPS } from "../sequence-number.ts";
import { prefixHalves } from "./options.ts";
import { encapPrefixes, syncPrefixes } from "./prefixes.ts";
import type { DirectExportSettings, EncapRule } from "./rule.ts";
import type { LocalDevice } from "../device.ts";
import { applyFeature } from "../../feature/apply-feature.ts";
import type { FeatureSetup } from "../../feature/feature-setup.ts";
import { findFeature } from "../../feature/feature.ts";
import { insertedHeader } from "./inserted.bpf.ts";
import { namespaceOf } from "../local-node.ts";
import { applyRouteMtu, moveRouteMtu, undoRouteMtu, withRoutes, type RouteChange } from "./route-mtu.ts";
import { withNetnsLock } from "../../../linux/netns-lock.ts";

const FEATURE = "ioam-encap";

/** A device and what is noted of it. */
export interface DeviceEncap {
  readonly device: LocalDevice;
  readonly note: EncapNote;
}

/**
 * Runs with the device's rules to ourselves, after finishing what a command that died left unfinished.
 */
export const finishEncap = <R>(device: LocalDevice, run: (encap: DeviceEncap) => R): R =>
  withNetnsLock(device.netns, () => {
    // Pins without a note: their maker died before it had told what they are.
    removeLeftovers(device.netns.inode);
    const note = readNote(device);
    if (note.unfinished !== undefined) carryOut({ device, note }, note.rules, note.unfinished.restore, true);
    return run({ device, note: readNote(device) });
  });

const none: EncapNote = { rules: [], lookup: "chain" };

const readNote = (device: LocalDevice): EncapNote => {
  const feature = findFeature(device, FEATURE);
  if (feature === undefined) return none;
  const { options } = feature;
  feature.close();
  return noteIn(options);
};

/** Makes `rules` the device's rules. When that fails, those before are its rules again. `anew`: compiles in any case. */
export const changeEncap = (encap: DeviceEncap, rules: readonly StoredRule[], anew = false): void => {
  const before = encap.note.rules;
  try {
    carryOut(encap, rules, routesOnlyIn(before, rules), anew);
  } catch (error) {
    const note = readNote(encap.device);
    if (note.unfinished !== undefined) carryOut({ ...encap, note }, before, routesOnlyIn(rules, before), true);
    throw error;
  }
};

/** A route that both change, but otherwise, is among them. */
const routesOnlyIn = (rules: readonly StoredRule[], others: readonly StoredRule[]): RouteChange[] => {
  const kept = new Set(others.map(({ route }) => JSON.stringify(route)));
  return rules.flatMap(({ route }) => (route === null || kept.has(JSON.stringify(route)) ? [] : [route]));
};

const carryOut = (
  { device, note }: DeviceEncap,
  rules: readonly StoredRule[],
  restore: readonly RouteChange[],
  anew: boolean,
): void => {
  const lookup = lookupFor(rules.length, note.lookup);
  const intent: EncapNote = { rules, lookup, unfinished: { restore } };
  const changeRoutes = (): void =>
    withRoutes(device.netns, (socket, all) => {
      for (const change of restore) {
        const next = rules.find(({ route }) => route?.destination === change.destination)?.route;
        if (next === null || next === undefined) undoRouteMtu(socket, all, change);
        else moveRouteMtu(socket, all, change, next);
      }
      for (const { route } of rules) if (route !== null) applyRouteMtu(socket, all, route);
    });
  if (rules.length === 0) {
    const feature = findFeature(device, FEATURE);
    feature?.setOptions(jsonOf(intent));
    changeRoutes();
    feature?.remove();
    return;
  }
  // The program of the same lookup by map knows the new rules when they are in the map, unless one brings new settings.
  const profileOf = (rule: StoredRule): string => `${rule.profile} ${settingsKey(rule)}`;
  const known = new Set(note.rules.map(profileOf));
  const isKnown = lookup === "trie" && note.lookup === "trie" && rules.every((rule) => known.has(profileOf(rule)));
  withFeature(device, (feature) => {
    if (feature === undefined) return;
    for (const slot of freshSlots(note.rules, rules)) resetCounters(feature, slot);
    for (const { counter } of freshExports(note.rules, rules))
      feature.map("sequences", e2eSequences).set(counter, { value: 0n });
    // Not before the program that asks the map knows what the map says; its own program asks it only from now on.
    if (lookup === "trie" && note.lookup === "chain") syncPrefixes(feature.map("prefixes", encapPrefixes), rules);
  });
  if (anew || !isKnown) applyBeforeExporter(device, setupOf(device, intent));
  withFeature(device, (feature) => {
    if (feature === undefined) return;
    if (isKnown && !anew) feature.setOptions(jsonOf(intent));
    if (lookup === "trie") syncPrefixes(feature.map("prefixes", encapPrefixes), rules);
    changeRoutes();
    feature.setOptions(jsonOf({ rules, lookup }));
  });
};

/** What reports on packets that leave must see what was put into them. */
const applyBeforeExporter = (device: LocalDevice, setup: FeatureSetup): void => {
  const exporter = findFeature(device, "ioam-export");
  const attachment = exporter?.attachment("egress");
  try {
    applyFeature(
      device,
      FEATURE,
      attachment === undefined ? setup : { ...setup, order: { egress: { before: attachment } } },
    );
  } finally {
    attachment?.close();
    exporter?.close();
  }
};

const withFeature = (device: LocalDevice, run: (feature: PinnedSet | undefined) => void): void => {
  const feature = findFeature(device, FEATURE);
  try {
    run(feature);
  } finally {
    feature?.close();
  }
};

const freshSlots = (before: readonly StoredRule[], rules: readonly StoredRule[]): number[] => {
  const old = new Map(before.map(({ prefix, slot }) => [prefix, slot]));
  return rules.flatMap(({ prefix, slot }) => (old.get(prefix) === slot ? [] : [slot]));
};

/** Those that ask for reports and did not before: their sequence numbers start at 0. */
const freshExports = (before: readonly StoredRule[], rules: readonly StoredRule[]): DirectExportSettings[] => {
  const old = new Set(before.map(({ dexFlowId, profile }) => `${dexFlowId} ${profile}`));
  return rules
    .filter(({ dexFlowId, profile }) => !old.has(`${dexFlowId} ${profile}`))
    .flatMap((rule) => exportOf(rule) ?? []);
};

const exportOf = ({ dexFlowId: flowId, profile }: StoredRule): DirectExportSettings | undefined =>
  flowId === undefined ? undefined : { flowId, counter: profile * GROUPS };

/** A rule deleted before may have left its counts in the slot. */
const resetCounters = (feature: PinnedSet, slot: number): void => {
  const counters = feature.map("counters", encapCounters);
  const zero = Array.from({ length: counters.raw.cpus }, () => ({ value: 0n }));
  for (const [at] of encapReasons.entries()) counters.set(slot * encapReasons.length + at, zero);
  feature.map("samples", encapSamples).set(slot, { value: 0n });
};

/** The rule as its program has it. ConfigError when the node does not know its namespace. */
const programRule = (node: LocalDevice["node"], rule: StoredRule): EncapRule => {
  const directExport = exportOf(rule);
  return {
    ...rule,
    prefix: prefixHalves(rule.prefix),
    namespace: namespaceOf(node, rule.namespaceId),
    ...(rule.e2eOrigin !== undefined && { numbers: { origin: rule.e2eOrigin, first: rule.profile * GROUPS } }),
    ...(directExport !== undefined && { directExport }),
  };
};

const IPV6_BYTES = 40;

/** By how much the rule makes packets longer, at most. */
export const insertedBytes = ({ node, interface: device }: LocalDevice, rule: StoredRule): number =>
  insertedHeader({ node, device }, programRule(node, rule)).bytes + (rule.tunnel === null ? 0 : IPV6_BYTES);

const setupOf = ({ node, interface: device }: LocalDevice, note: EncapNote): FeatureSetup => ({
  programs: {
    egress: encap({
      node,
      device,
      lookup: note.lookup,
      rules: note.rules.map((rule) => programRule(node, rule)),
    }),
  },
  maps: { counters: encapCounters, samples: encapSamples, prefixes: encapPrefixes, sequences: e2eSequences },
  options: jsonOf(note),
});

const jsonOf = (note: EncapNote): Json => JSON.parse(JSON.stringify(note)) as Json;
