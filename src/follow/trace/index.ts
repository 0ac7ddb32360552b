/** From a sink's records to paths, delays and loss. */
export { Histogram } from "./histogram.ts";
export type { HopIdentity } from "./hop-key.ts";
export { lossBetween, type Counted, type EdgeToEdge, type CounterValues, type Loss } from "./loss.ts";
export { pathObject, type NodeNames, type PathHop, type PathObject } from "./path-object.ts";
export { LinkStatistics, NodeStatistics, PathStatistics, TraceStatistics } from "./statistics.ts";
export { TraceFollower } from "./trace-follower.ts";
export { nodeLabel } from "./node-label.ts";
export { summarise, type LinkSummary, type Summary } from "./summary.ts";
