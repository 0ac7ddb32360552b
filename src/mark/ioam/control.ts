/** IOAM on this machine's devices: what commands and other programs call. */
export type { Target } from "./device.ts";
export { addEncap, addEncaps, deleteEncap, type EncapReport, type StoredRule } from "./encap.ts";
export { numberedIn, numberedTotals, type NumberedPackets } from "./e2e.ts";
export type { EncapOptions } from "./encap-options.ts";
export { refreshIoam, showIoam, type IoamStatus } from "./show.ts";
export { addSink, deleteSink, openSink, type OpenSink, type SinkOptions } from "./sink.ts";
export { addTransit, deleteTransit, type TransitOptions, type TransitReport } from "./transit.ts";
export { NextHopKeeper, type NextHopChange } from "./next-hop-keeper.ts";
export type { XdpSetup } from "./transit-xdp.ts";
