/** IOAM on this machine's devices: what commands and other programs call. */
export type { Target } from "./device.ts";
export { addEncap, addEncaps, deleteEncap, type EncapReport, type StoredRule } from "./encap/encap.ts";
export { addExport, deleteExport, openExport, type ExportAdded, type OpenExport } from "./export/export.ts";
export { numberedIn, numberedTotals, type NumberedPackets } from "./sink/e2e.ts";
export type { EncapOptions } from "./encap/options.ts";
export { refreshIoam, showIoam, type IoamStatus } from "./show.ts";
export { addSink, deleteSink, openSink, type OpenSink, type SinkOptions } from "./sink/sink.ts";
export { addTransit, deleteTransit, type TransitOptions, type TransitReport } from "./transit/transit.ts";
export type { Verb } from "./verb.ts";
export { NextHopKeeper, type NextHopChange } from "./transit/next-hop-keeper.ts";
export type { XdpSetup } from "./transit/xdp.ts";
