/** Which trace packets on a path get: from the rule that gives it, or assumed where there is none. */
import type { LookedUpRoute } from "../../../linux/rtnetlink/route-lookup.ts";
import { directExportShape, layOutHopByHop } from "../../../wire/ioam/hop-by-hop.ts";
import { insertedBytesOf, nodeBytesOf } from "../../../wire/ioam/plan.ts";
import { maxTraceData } from "../../../wire/ioam/fields.ts";
import { parsePrefix, prefixesOverlap } from "../../../wire/prefix.ts";
import type { StoredRule } from "../encap/encap.ts";
import type { NodeFacts } from "./node-facts.ts";
import type { Path } from "./path.ts";

export interface AskedTrace {
  readonly traceType: number;
  readonly namespaceId: number;
  /** Bytes of data; none under Direct Export. */
  readonly size: number;
  readonly insertedBytes: number;
  /** Where the outer header ends that packets get which the first node makes; null: they get none. */
  readonly tunnelEnd: string | null;
  /** The longest packet before anything is inserted. */
  readonly longest: number;
  /** The way of those packets, as they are before. */
  readonly route: LookedUpRoute | null;
  readonly device: string | null;
  /** The rule that says so; null: assumed. */
  readonly rule: StoredRule | null;
}

const IPV6_BYTES = 40;

/** The demo's: ids, interfaces, times, transit delay, namespace data, queue depth. */
const ASSUMED_TYPE = 0xfe_0000;

/** Whether packets ask nodes for reports (RFC 9326) and carry no trace, by intent. */
export const isDirectExport = ({ rule }: AskedTrace): boolean => rule?.trace === "dex";

/** The trace of packets to `address` that leave by the path's first interface. */
export const askedTrace = ({ hops }: Path, address: string): AskedTrace => {
  const [first] = hops;
  const mtu = first?.egress?.mtu ?? Infinity;
  const way = {
    longest: Math.min(first?.route?.mtu ?? mtu, mtu),
    route: first?.route ?? null,
    device: first?.egress?.name ?? null,
  };
  const rule = first === undefined ? undefined : ruleFor(first.node.facts, first.egress?.name, address);
  if (rule !== undefined) {
    const { traceType, namespaceId, size, mode, tunnel, trace } = rule;
    // Mode auto is inline for packets that the node itself makes.
    const outer = mode === "encap" ? tunnel : null;
    const insertedBytes =
      trace === "dex"
        ? layOutHopByHop([directExportShape]).bytes + (outer === null ? 0 : IPV6_BYTES)
        : insertedBytesOf(size, outer === null ? "inline" : "encap", rule.e2e === true);
    return { ...way, traceType, namespaceId, size, insertedBytes, tunnelEnd: outer?.destination ?? null, rule };
  }
  const ioam = first?.node.facts.ioam;
  const namespaceId = typeof ioam === "object" ? (ioam.namespaces[0]?.id ?? 0) : 0;
  const nodeBytes = nodeBytesOf(ASSUMED_TYPE, 0);
  const size = nodeBytes * Math.max(1, Math.min(hops.length, Math.floor(maxTraceData / nodeBytes)));
  const insertedBytes = insertedBytesOf(size, "inline");
  return { ...way, traceType: ASSUMED_TYPE, namespaceId, size, insertedBytes, tunnelEnd: null, rule: null };
};

/** The longest prefix decides. */
const ruleFor = ({ parts }: NodeFacts, device: string | undefined, address: string): StoredRule | undefined => {
  const destination = parsePrefix(address);
  return parts
    .flatMap((part) =>
      part.kind === "encap" && part.device === device && prefixesOverlap(parsePrefix(part.rule.prefix), destination)
        ? [part.rule]
        : [],
    )
    .toSorted((a, b) => parsePrefix(b.prefix).length - parsePrefix(a.prefix).length)[0];
};
