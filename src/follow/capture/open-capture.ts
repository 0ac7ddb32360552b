import type { Capture } from "./capture.ts";
import { openFileCapture } from "./file-capture.ts";
import type { LiveSource } from "./live/open-live.ts";
import type { RingsSource } from "./rings/open-rings.ts";

/** A file, an interface, or rings. */
export type CaptureSource = string | LiveSource | RingsSource;

/** What {@link openCapture} looks for besides the packets. */
export interface CaptureOptions {
  /** Find the packets' pval marks too: `batch.marks`. */
  readonly marks?: boolean;
}

/**
 * Opens a capture: a pcap or pcapng file of any size, read in pieces, so that memory stays what it is; `-` is standard
 * input. Or an interface, whose packets are read where the kernel puts them; or the rings of a pval device. What can be
 * read of a file that is cut or damaged is handed out, and `remark()` says where it stopped.
 *
 *     using capture = await openCapture("marked.pcapng", { marks: true });
 *     for await (const batch of capture.batches()) {
 *       for (let n = 0; n < batch.count; n++) bytes += batch.length[n];
 *     }
 *
 *     using live = await openCapture({ device: "eth0", filter: "udp port 53" });
 *     using copies = await openCapture({ ring: "pval0" }); // or "pval0-rx-cpu-0"
 *
 * ConfigError when it cannot be read, or is no capture; PermissionError for an interface without CAP_NET_RAW; HopmarkError
 * `busy` for rings that somebody else reads.
 */
export const openCapture = async (source: CaptureSource, { marks = false }: CaptureOptions = {}): Promise<Capture> => {
  if (typeof source === "string") return openFileCapture(source, marks);
  if ("ring" in source) {
    const { openRingCapture } = await import("./rings/open-rings.ts");
    return openRingCapture(source, marks);
  }
  const { openLiveCapture } = await import("./live/open-live.ts");
  return openLiveCapture(source, marks);
};
