/** One node's entry of an IOAM trace, for people. */
import type { IoamHop } from "../ioam/trace.ts";

/** `node 2, in 21, out 22, hop limit 63, time 1763673600.000150`; what the node could not give is `?`. */
export const hopText = (hop: IoamHop): string => {
  const { timestampNs, timestampSeconds, timestampFraction, opaqueState, ...rest } = hop;
  const parts: string[] = [];
  for (const [key, value] of Object.entries(rest)) parts.push(`${names[key] ?? key} ${value ?? "?"}`);
  if (timestampNs !== undefined && timestampNs !== null) {
    const ns = timestampNs.padStart(10, "0");
    parts.push(`time ${ns.slice(0, -9)}.${ns.slice(-9, -3)}`);
  } else {
    if (timestampNs === null) parts.push("time ?");
    if (timestampSeconds !== undefined) parts.push(`seconds ${timestampSeconds ?? "?"}`);
    if (timestampFraction !== undefined) parts.push(`fraction ${timestampFraction ?? "?"}`);
  }
  if (opaqueState !== undefined) {
    parts.push(opaqueState.schemaId === null ? "no schema" : `schema ${opaqueState.schemaId} ${opaqueState.data}`);
  }
  return parts.join(", ");
};

const names: Readonly<Record<string, string>> = {
  nodeId: "node",
  nodeIdWide: "node",
  hopLimit: "hop limit",
  hopLimitWide: "hop limit",
  ingressId: "in",
  egressId: "out",
  ingressIdWide: "in",
  egressIdWide: "out",
  transitDelayNs: "transit delay",
  namespaceData: "data",
  namespaceDataWide: "data",
  queueDepth: "queue",
  checksumComplement: "checksum complement",
  bufferOccupancy: "buffer",
};
