/** The kinds of recordings by name. */
export const recordingFormats = ["pcapng", "ndjson"] as const;
export type RecordingFormat = (typeof recordingFormats)[number];

/** By the extension; undefined when it says nothing. */
export const formatOfName = (path: string): RecordingFormat | undefined => {
  if (/\.(ndjson|jsonl|json)$/i.test(path)) return "ndjson";
  return /\.pcapng$/i.test(path) ? "pcapng" : undefined;
};
