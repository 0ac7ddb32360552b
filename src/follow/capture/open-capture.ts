import type { Capture } from "./capture.ts";
import { openFileCapture } from "./file-capture.ts";
import type { LiveSource } from "./live/open-live.ts";

/** What {@link openCapture} looks for besides the packets. */
export interface CaptureOptions {
  /** Find the packets' pval marks too: `batch.marks`. */
  readonly marks?: boolean;
}

/**
 * Opens a capture: a pcap or pcapng file of any size, read in pieces, so that memory stays what it is; `-` is standard
 * input. Or an interface, whose packets are read where the kernel puts them. What can be read of a file that is cut or
 * damaged is handed out, and `remark()` says where it stopped.
 *
 *     using capture = await openCapture("marked.pcapng", { marks: true });
 *     for await (const batch of capture.batches()) {
 *       for (let n = 0; n < batch.count; n++) bytes += batch.length[n];
 *     }
 *
 *     using live = await openCapture({ device: "eth0", filter: "udp port 53" });
 *
 * ConfigError when it cannot be read, or is no capture; PermissionError for an interface without CAP_NET_RAW.
 */
export const openCapture = async (
  source: string | LiveSource,
  { marks = false }: CaptureOptions = {},
): Promise<Capture> => {
  if (typeof source === "string") return openFileCapture(source, marks);
  const { openLiveCapture } = await import("./live/open-live.ts");
  return openLiveCapture(source, marks);
};
