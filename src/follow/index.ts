/** `hopmark/follow`: packets, from captures, and what became of marked ones. */
export { openCapture, type CaptureOptions, type CaptureSource } from "./capture/open-capture.ts";
export type { Capture, CaptureCounts, CapturedFrame, CaptureInterface } from "./capture/capture.ts";
export type { LiveSource } from "./capture/live/open-live.ts";
export type { RingsSource } from "./capture/rings/open-rings.ts";
export { Direction, type MarkColumns, type PacketBatch } from "./capture/batch.ts";
export { devicesBy, type DevicesBy } from "./marks/devices-by.ts";
export {
  followCapture,
  followCaptures,
  type CaptureFacts,
  type TakePacket,
  type TimeBase,
} from "./marks/follow-capture.ts";
export { followRings, type RingMarks } from "./marks/ring-marks.ts";
export { followLive, type LiveCounts, type LiveMarks, type MarksPlace } from "./marks/live-marks.ts";
export {
  type EachDelay,
  type FollowedFlow,
  type FollowedStream,
  type FollowOptions,
  MarkFollower,
} from "./marks/mark-follower.ts";
export type { Generation } from "./marks/mark-stream.ts";
export { MarkedPacket } from "./marks/marked-packet.ts";
export { type DelayReport, type FlowReport, marksReport, type MarksReport, type StreamReport } from "./marks/report.ts";
