/** Encapsulation rules on a device: add, delete, refresh, count. */
import { randomInt } from "node:crypto";
import type { PinnedSet } from "../../../bpf/pin/pinned-set.ts";
import { ConfigError } from "../../../errors.ts";
import type { Route } from "../../../linux/rtnetlink/routes.ts";
import { changeEncap, finishEncap, insertedBytes } from "./change.ts";
import { encapCounters, encapReasons, MAX_PROFILES, MAX_RULES } from "./counters.ts";
import { noteIn, Places, type StoredRule } from "./note.ts";
import { checkEncap, checkPrefix, refuseSecondRule, type CheckedEncap, type EncapOptions } from "./options.ts";
import { withDevice, type LocalDevice, type Target } from "../device.ts";
import { forwards, namespaceOf } from "../local-node.ts";
import { featuresIn } from "../feature.ts";
import { MAX_ORIGIN } from "../sequence-number.ts";
import { roomWarnings } from "./plan-advice.ts";
import { planRouteMtu, withRoutes } from "./route-mtu.ts";
import type { EncapTunnel } from "./rule.ts";
import { tunnelWay, type TunnelWay } from "./tunnel-way.ts";

export type { StoredRule } from "./note.ts";

export interface EncapReport extends StoredRule {
  /** Worth telling: what works, but not as the user may expect. */
  readonly warnings: readonly string[];
}

/** Starts tracing packets to a prefix that leave by the device. ConfigError before anything is changed. */
export const addEncap = (target: Target, options: EncapOptions): EncapReport => {
  const [report] = addEncaps(target, [options]);
  if (report === undefined) throw new Error("no rule was added");
  return report;
};

/** The same for many rules, in one step. */
export const addEncaps = (target: Target, wanted: readonly EncapOptions[]): EncapReport[] => {
  const checked = wanted.map((options) => checkEncap(options));
  return withDevice(target, (device) =>
    finishEncap(device, (encap) => {
      const rules = [...encap.note.rules];
      const places = new Places(rules);
      const ways = new Map<string, TunnelWay>();
      const added = withRoutes(device.netns, (_, all) =>
        checked.map((options) => {
          const rule = newRule(device, options, rules, places, all, ways);
          rules.push(rule);
          places.add(rule);
          return rule;
        }),
      );
      changeEncap(encap, rules);
      return added.map((rule) => ({ ...rule, warnings: warningsOf(rule, device) }));
    }),
  );
};

const newRule = (
  device: LocalDevice,
  wanted: CheckedEncap,
  rules: readonly StoredRule[],
  places: Places,
  all: readonly Route[],
  ways: Map<string, TunnelWay>,
): StoredRule => {
  const { netns, link } = device;
  namespaceOf(device.node, wanted.namespaceId);
  refuseSecondRule(wanted.prefix, places, link.name);
  const way = wayOf(device, wanted, ways);
  const tunnel = way?.tunnel ?? null;
  const slot = places.freeSlot();
  const origin = wanted.e2e === true ? { e2eOrigin: freeOrigin(netns, rules) } : {};
  const flow = wanted.trace === "dex" ? { dexFlowId: freeFlowId(netns, rules, wanted.flowId) } : {};
  const profile = places.profileFor({ ...wanted, tunnel, ...origin, ...flow });
  if (slot >= MAX_RULES) {
    throw new ConfigError(`${link.name} has ${MAX_RULES} rules, which is all that fit`, { hint: "use wider prefixes" });
  }
  if (profile >= MAX_PROFILES) {
    throw new ConfigError(`the rules of ${link.name} have ${MAX_PROFILES} different settings, which is all that fit`, {
      hint: "give more prefixes the same type, namespace, size, mode and frequency; numbered ones (e2e, dex) share with none",
    });
  }
  const rule: StoredRule = { ...wanted, slot, profile, tunnel, route: null, ...origin, ...flow };
  const room = {
    prefix: wanted.prefix,
    device: link,
    bytes: insertedBytes(device, rule),
    ...(way !== null && { pathMtu: pathMtuOf(way, rules), lock: forwards(netns) }),
  };
  const changes = rules.flatMap(({ route }) => (route === null ? [] : [route]));
  return { ...rule, route: planRouteMtu(all, room, changes) };
};

/** One that no rule of the node has, and that no earlier one is likely to have had: the sink may still know its numbers. */
const freeOrigin = (netns: LocalDevice["netns"], rules: readonly StoredRule[]): number => {
  const taken = new Set(rulesOfNode(netns, rules).map((rule) => rule.e2eOrigin));
  for (;;) {
    const origin = randomInt(MAX_ORIGIN + 1);
    if (!taken.has(origin)) return origin;
  }
};

/** The one asked for, or one that no rule of the node has: two rules that count under one flow id could not be told apart. */
const freeFlowId = (netns: LocalDevice["netns"], rules: readonly StoredRule[], asked?: number): number => {
  const taken = new Map(rulesOfNode(netns, rules).map((rule) => [rule.dexFlowId, rule.prefix]));
  if (asked !== undefined) {
    const prefix = taken.get(asked);
    if (prefix === undefined) return asked;
    throw new ConfigError(`flow ${asked} is the one of packets to ${prefix} already`, {
      hint: "choose another, or leave it out: one is drawn",
    });
  }
  for (;;) {
    const flowId = randomInt(2 ** 32);
    if (!taken.has(flowId)) return flowId;
  }
};

/** Those of the device, which may be new, and of all others. */
const rulesOfNode = (netns: LocalDevice["netns"], rules: readonly StoredRule[]): StoredRule[] => {
  const others = featuresIn(netns).filter(({ feature }) => feature === "ioam-encap");
  return [...rules, ...others.flatMap(({ options }) => rulesIn(options))];
};

const wayOf = (
  device: LocalDevice,
  { tunsrc, tundst }: CheckedEncap,
  ways: Map<string, TunnelWay>,
): TunnelWay | null => {
  if (tundst === undefined) return null;
  const key = `${tunsrc ?? ""} ${tundst}`;
  let way = ways.get(key);
  if (way === undefined) ways.set(key, (way = tunnelWay(device, { tundst, ...(tunsrc !== undefined && { tunsrc }) })));
  return way;
};

/** What the route to the tunnel's end says, unless it is an MTU that another rule lowered: outer packets are none of that rule's. */
const pathMtuOf = ({ tunnel, routeMtu }: TunnelWay, rules: readonly StoredRule[]): number =>
  routeMtu === null || rules.some(({ route }) => route?.mtu === routeMtu) ? tunnel.mtu : Math.min(routeMtu, tunnel.mtu);

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
    const ways = new Map<string, TunnelWay>();
    changeEncap(
      encap,
      encap.note.rules.map((rule) => ({ ...rule, tunnel: tunnelNow(device, rule, ways) })),
      true,
    );
  });

/** As it was where no route leads to its end any more: one may come back. */
const tunnelNow = (device: LocalDevice, rule: StoredRule, ways: Map<string, TunnelWay>): EncapTunnel | null => {
  try {
    return wayOf(device, rule, ways)?.tunnel ?? null;
  } catch (error) {
    if (error instanceof ConfigError) return rule.tunnel;
    throw error;
  }
};

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
    warnings.push(
      `no route to ${rule.prefix} by ${link.name} yet: packets longer than its MTU less ${bytes} will go without a trace; give the route mtu ${link.mtu - bytes}`,
    );
  }
  return warnings;
};
