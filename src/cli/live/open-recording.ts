/** The file that a command records to. */
import { ConfigError } from "../../errors.ts";
import { formatOfName, type RecordingFormat } from "../../follow/trace/recording/format-name.ts";
import { recorderOf } from "../../follow/trace/recording/format.ts";
import { RecordingFile } from "../../follow/trace/recording/recording-file.ts";
import { isSameFile } from "../same-file.ts";
import { version } from "../version.ts";

export interface RecordingOptions {
  /** The file; `-` is standard output. */
  readonly write: string | undefined;
  /** In place of what the file's name says. */
  readonly format: RecordingFormat | undefined;
  /** The recording that is read meanwhile. */
  readonly read: string | undefined;
}

/** Opens it; undefined when nothing is to be recorded. ConfigError when that cannot be, before anything is overwritten. */
export const openRecording = ({ write, format, read }: RecordingOptions): RecordingFile | undefined => {
  if (write === undefined) {
    if (format === undefined) return undefined;
    throw new ConfigError("--format is for what is recorded", { hint: "say where to: -w FILE" });
  }
  if (read !== undefined && read !== "-" && isSameFile(read, write)) {
    throw new ConfigError(`${write} is the recording that is read`, { hint: "write to another file" });
  }
  if (format === undefined && /\.p?cap$/i.test(write)) {
    throw new ConfigError(`${write}: the older pcap format has no room for what a recording needs`, {
      hint: `name it ${write.replace(/\.p?cap$/i, ".pcapng")}: every program that reads the one reads the other`,
    });
  }
  const recorder = recorderOf(format ?? formatOfName(write) ?? "pcapng", `hopmark ${version()}`);
  return new RecordingFile(write, recorder);
};
