/** Writers and readers of the kinds of recordings. */
import type { RecordingFormat } from "./format-name.ts";
import { NdjsonRecorder } from "./ndjson-recorder.ts";
import { NdjsonReplay } from "./ndjson-replay.ts";
import { PcapngRecorder } from "./pcapng-recorder.ts";
import { PcapngReplay } from "./pcapng-replay.ts";
import type { Recorder, Replay, ReplayHandler } from "./session.ts";

/** `application` is who writes it: `hopmark 1.2.3`. */
export const recorderOf = (format: RecordingFormat, application: string): Recorder =>
  format === "pcapng" ? new PcapngRecorder(application) : new NdjsonRecorder(application);

const SECTION_START = 0x0a;
const BRACE = 0x7b;

/** A reader for what begins with these bytes; undefined when it is neither. */
export const replayOf = (start: Uint8Array, handler: ReplayHandler): Replay | undefined => {
  if (start[0] === SECTION_START) return new PcapngReplay(handler);
  return start[0] === BRACE ? new NdjsonReplay(handler) : undefined;
};
