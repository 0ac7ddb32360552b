/** Which trace packets on a path get: from the rule that gives it, or assumed where there is none. */
import { insertedBytesOf, nodeBytesOf, type InsertionMode } from "../../../wire/ioam/plan.ts";
import { maxTraceData } from "../../../wire/ioam/fields.ts";
import { parsePrefix, prefixesOverlap } from "../../../wire/prefix.ts";
import type { StoredRule } from "../encap.ts";
import type { NodeFacts } from "./node-facts.ts";
import type { Path } from "./path.ts";

export interface AskedTrace {
  readonly traceType: number;
  readonly namespaceId: number;
  /** Bytes of data. */
  readonly size: number;
  readonly mode: InsertionMode;
  readonly insertedBytes: number;
  /** The rule that says so; null: assumed. */
  readonly rule: StoredRule | null;
}

/** The demo's: ids, interfaces, times, transit delay, namespace data, queue depth. */
const ASSUMED_TYPE = 0xfe_0000;

/** The trace of packets to `address` that leave by the path's first interface. */
export const askedTrace = ({ hops }: Path, address: string): AskedTrace => {
  const first = hops[0];
  const rule = first === undefined ? undefined : ruleFor(first.node.facts, first.egress?.name, address);
  if (rule !== undefined) {
    const { traceType, namespaceId, size } = rule;
    const mode = rule.mode === "inline" ? "inline" : "encap";
    return { traceType, namespaceId, size, mode, insertedBytes: insertedBytesOf(size, mode), rule };
  }
  const ioam = first?.node.facts.ioam;
  const namespaceId = typeof ioam === "object" ? (ioam.namespaces[0]?.id ?? 0) : 0;
  const size = Math.min(maxTraceData, nodeBytesOf(ASSUMED_TYPE, 0) * Math.max(1, hops.length));
  const insertedBytes = insertedBytesOf(size, "inline");
  return { traceType: ASSUMED_TYPE, namespaceId, size, mode: "inline", insertedBytes, rule: null };
};

const ruleFor = ({ parts }: NodeFacts, device: string | undefined, address: string): StoredRule | undefined => {
  const destination = parsePrefix(address);
  const rules = parts.flatMap((part) =>
    part.kind === "encap" && part.device === device && prefixesOverlap(parsePrefix(part.rule.prefix), destination)
      ? [part.rule]
      : [],
  );
  // Of nested prefixes the longest.
  return rules.toSorted((one, other) => parsePrefix(other.prefix).length - parsePrefix(one.prefix).length)[0];
};
