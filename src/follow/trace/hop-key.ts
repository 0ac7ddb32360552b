/** What tells one hop of a path from another, as four 32-bit words: node id (two words), ingress and egress id. */
import { readBits } from "../../wire/integer.ts";
import { columnOf, type TraceReader } from "../../wire/ioam/trace-reader.ts";

export const HOP_WORDS = 4;

/** A hop by its ids; null where the trace does not have them or the node could not give them. */
export interface HopIdentity {
  /** In decimal; 56-bit ids are past what a number can hold. */
  readonly nodeId: string | null;
  readonly ingressId: number | null;
  readonly egressId: number | null;
}

const nodeColumn = columnOf("nodeId");
const wideNodeColumn = columnOf("nodeIdWide");
const ingressColumn = columnOf("ingressId");
const egressColumn = columnOf("egressId");
const wideIngressColumn = columnOf("ingressIdWide");
const wideEgressColumn = columnOf("egressIdWide");

/** No node id: 56 bits never have it. */
const NO_NODE = -1;

/** Writes the words of a hop at `at`. Allocates nothing. */
export const writeHopKey = (reader: TraceReader, hop: number, key: Int32Array, at: number): void => {
  if (reader.has(nodeColumn) || !reader.has(wideNodeColumn)) {
    const id = reader.value(hop, nodeColumn);
    key[at] = id < 0 ? NO_NODE : 0;
    key[at + 1] = id;
  } else {
    const start = reader.valueOffset(hop, wideNodeColumn);
    const high = readBits(reader.bytes, start * 8, 24);
    const low = readBits(reader.bytes, (start + 3) * 8, 32) | 0;
    key[at] = high === 0xff_ffff && low === -1 ? NO_NODE : high;
    key[at + 1] = low;
  }
  const narrow = reader.has(ingressColumn);
  key[at + 2] = reader.value(hop, narrow ? ingressColumn : wideIngressColumn);
  key[at + 3] = reader.value(hop, narrow ? egressColumn : wideEgressColumn);
};

/** The hop whose words are at `at`. */
export const hopOfKey = (key: Int32Array, at: number): HopIdentity => {
  const [high = NO_NODE, low = 0, ingress = -1, egress = -1] = key.subarray(at, at + HOP_WORDS);
  return {
    nodeId: high === NO_NODE ? null : String((BigInt(high) << 32n) | BigInt(low >>> 0)),
    // -1 is also how 0xffffffff looks, which is null as well.
    ingressId: ingress === -1 ? null : ingress >>> 0,
    egressId: egress === -1 ? null : egress >>> 0,
  };
};
