/** `hopmark/follow`: packets, from captures. */
export { openCapture, type CaptureOptions } from "./capture/open-capture.ts";
export type { Capture, CaptureCounts, CapturedFrame, CaptureInterface } from "./capture/capture.ts";
export { Direction, type MarkColumns, type PacketBatch } from "./capture/batch.ts";
