/** Network-namespace labs, described as data: topologies, their life, and traffic in them. */
export { spawnInNetns, spawnOnNode } from "./exec.ts";
export { labDown, labList, labUp, openNode, reapDead } from "./lab.ts";
export type { LabState, LabUpOptions } from "./lab.ts";
export type { LabNamespace } from "./registry.ts";
export { diamonds } from "./topologies/diamonds.ts";
export type { DiamondsOptions } from "./topologies/diamonds.ts";
export { musketeers } from "./topologies/musketeers.ts";
export type { MusketeersOptions } from "./topologies/musketeers.ts";
export { pair } from "./topologies/pair.ts";
export { checkTopology, namespaceName } from "./topology.ts";
export type { LabIoamNamespace, LabLink, LabNode, LabRoute, LinkEnd, NodeIoam, Topology } from "./topology.ts";
export type { Traffic } from "./traffic/child.ts";
export { startPing } from "./traffic/ping.ts";
export type { PingOptions, PingReport } from "./traffic/ping.ts";
export { startTcpDownload, startTcpServer } from "./traffic/tcp.ts";
export type { TcpDownloadOptions, TcpDownloadReport, TcpServerOptions, TcpServerReport } from "./traffic/tcp.ts";
