import type { PathHop } from "../../follow/trace/path-object.ts";

/** Nanoseconds from the hop before to each hop; null for the first, and where one of the two has no time. */
export const hopDelays = (hops: readonly PathHop[]): (number | null)[] =>
  hops.map(({ timestampNs }, index) => {
    const before = hops[index - 1]?.timestampNs;
    return typeof timestampNs === "string" && typeof before === "string"
      ? Number(BigInt(timestampNs) - BigInt(before))
      : null;
  });

/** `athos`, else the id, else a question mark. */
export const hopLabel = ({ node, nodeId, nodeIdWide }: PathHop): string =>
  node ?? (nodeId === null || nodeId === undefined ? (nodeIdWide ?? "?") : String(nodeId));
