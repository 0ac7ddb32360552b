import type { NodeNames } from "./path-object.ts";

/** The name of a node, else its id, else null. */
export const nodeLabel = (nodeId: string | null, names: NodeNames): string | null =>
  nodeId === null ? null : (names.get(Number(nodeId)) ?? nodeId);
