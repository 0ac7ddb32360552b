/** A rule as it will be kept: its places in the maps, its numbers, its tunnel's way, and what becomes of its route. */
import { randomInt } from "node:crypto";
import { ConfigError } from "../../../errors.ts";
import type { Route } from "../../../linux/rtnetlink/routes.ts";
import { insertedBytes } from "./change.ts";
import { MAX_PROFILES, MAX_RULES } from "./counters.ts";
import { noteIn, type Places, type StoredRule } from "./note.ts";
import type { CheckedEncap } from "./options.ts";
import type { LocalDevice } from "../device.ts";
import { featuresIn } from "../../feature/feature.ts";
import { forwards, namespaceOf } from "../local-node.ts";
import { MAX_ORIGIN } from "../sequence-number.ts";
import { planRouteMtu } from "./route-mtu.ts";
import type { EncapTunnel } from "./rule.ts";
import { tunnelWay, type TunnelWay } from "./tunnel-way.ts";

/** What a new rule has to get along with. */
export interface Surroundings {
  readonly device: LocalDevice;
  /** The device's other rules, and the places that they take. */
  readonly rules: readonly StoredRule[];
  readonly places: Places;
  readonly routes: readonly Route[];
  readonly ways: Ways;
  /** The rule for the same prefix in whose place it comes: its counters and, where it had some, its numbers go on. */
  readonly before?: StoredRule | undefined;
}

/** The ways of tunnels, each looked up once. */
export type Ways = Map<string, TunnelWay>;

/** ConfigError when the device has no place for it, or the node not what it needs. */
export const newRule = (wanted: CheckedEncap, around: Surroundings): StoredRule => {
  const { device, rules, places, before } = around;
  const { netns, link } = device;
  namespaceOf(device.node, wanted.namespaceId);
  const way = wayOf(device, wanted, around.ways);
  const tunnel = way?.tunnel ?? null;
  const slot = before?.slot ?? places.freeSlot();
  const origin = wanted.e2e === true ? { e2eOrigin: before?.e2eOrigin ?? freeOrigin(around) } : {};
  const flow = wanted.trace === "dex" ? { dexFlowId: freeFlowId(around, wanted.flowId) } : {};
  const profile = places.profileFor({ ...wanted, tunnel, ...origin, ...flow }, before?.profile);
  if (slot >= MAX_RULES) {
    throw new ConfigError(`${link.name} has ${MAX_RULES} rules, which is all that fit`, { hint: "use wider prefixes" });
  }
  if (profile >= MAX_PROFILES) {
    throw new ConfigError(`the rules of ${link.name} have ${MAX_PROFILES} different settings, which is all that fit`, {
      hint: "give more prefixes the same type, namespace, size, mode and frequency; numbered ones (e2e, dex) share with none",
    });
  }
  const rule: StoredRule = { ...wanted, slot, profile, tunnel, route: null, ...origin, ...flow };
  const known = before === undefined ? rules : [...rules, before];
  const room = {
    prefix: wanted.prefix,
    device: link,
    bytes: insertedBytes(device, rule),
    asksForReports: rule.trace === "dex",
    ...(way !== null && { pathMtu: pathMtuOf(way, known), lock: forwards(netns) }),
  };
  const changes = known.flatMap(({ route }) => (route === null ? [] : [route]));
  return { ...rule, route: planRouteMtu(around.routes, room, changes) };
};

/** The way to a rule's tunnel's end; null without a tunnel. ConfigError when none leads there. */
export const wayOf = (device: LocalDevice, { tunsrc, tundst }: CheckedEncap, ways: Ways): TunnelWay | null => {
  if (tundst === undefined) return null;
  const key = `${tunsrc ?? ""} ${tundst}`;
  let way = ways.get(key);
  if (way === undefined) ways.set(key, (way = tunnelWay(device, { tundst, ...(tunsrc !== undefined && { tunsrc }) })));
  return way;
};

/** As it was where no route leads to its end any more: one may come back. */
export const tunnelNow = (device: LocalDevice, rule: StoredRule, ways: Ways): EncapTunnel | null => {
  try {
    return wayOf(device, rule, ways)?.tunnel ?? null;
  } catch (error) {
    if (error instanceof ConfigError) return rule.tunnel;
    throw error;
  }
};

/** One that no rule of the node has, and that no earlier one is likely to have had: the sink may still know its numbers. */
const freeOrigin = (around: Surroundings): number => {
  const taken = new Set(rulesOfNode(around).map((rule) => rule.e2eOrigin));
  for (;;) {
    const origin = randomInt(MAX_ORIGIN + 1);
    if (!taken.has(origin)) return origin;
  }
};

/**
 * The one asked for, that of the rule before, or one that no rule of the node has: two rules that count under one flow id could not
 * be told apart.
 */
const freeFlowId = (around: Surroundings, asked?: number): number => {
  const before = around.before?.dexFlowId;
  if (before !== undefined && (asked === undefined || asked === before)) return before;
  const taken = new Map(rulesOfNode(around).map((rule) => [rule.dexFlowId, rule.prefix]));
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
const rulesOfNode = ({ device, rules }: Surroundings): StoredRule[] => {
  const others = featuresIn(device.netns).filter(({ feature }) => feature === "ioam-encap");
  return [...rules, ...others.flatMap(({ options }) => noteIn(options).rules)];
};

/** What the route to the tunnel's end says, unless it is an MTU that another rule lowered: outer packets are none of that rule's. */
const pathMtuOf = ({ tunnel, routeMtu }: TunnelWay, rules: readonly StoredRule[]): number =>
  routeMtu === null || rules.some(({ route }) => route?.mtu === routeMtu) ? tunnel.mtu : Math.min(routeMtu, tunnel.mtu);
