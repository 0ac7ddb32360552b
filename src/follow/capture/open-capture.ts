import type { Capture } from "./capture.ts";
import { openFileCapture } from "./file-capture.ts";

/** What {@link openCapture} looks for besides the packets. */
export interface CaptureOptions {
  /** Find the packets' pval marks too: `batch.marks`. */
  readonly marks?: boolean;
}

/**
 * Opens a capture: a pcap or pcapng file of any size, read in pieces, so that memory stays what it is; `-` is standard
 * input. What can be read of a file that is cut or damaged is handed out, and `remark()` says where it stopped.
 *
 *     using capture = await openCapture("marked.pcapng", { marks: true });
 *     for await (const batch of capture.batches()) {
 *       for (let n = 0; n < batch.count; n++) bytes += batch.length[n];
 *     }
 *
 * ConfigError when it cannot be read, or is no capture.
 */
export const openCapture = (file: string, { marks = false }: CaptureOptions = {}): Promise<Capture> =>
  openFileCapture(file, marks);
