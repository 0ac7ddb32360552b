/** What the demo's nodes send each other: child processes that end with this one, however it ends. */
import { openNode, startPing, startTcpDownload, startTcpServer } from "../../lab/index.ts";
import type { Undo } from "../undo.ts";

const PING_INTERVAL_MS = 100;
/** About a hundred full-size packets a second. */
const BYTES_PER_SECOND = 125_000;

export const TRAFFIC_NOTE = "ICMPv6 echo and a TCP download, athos to aramis · Ctrl-C ends";

export interface DemoTraffic {
  /** Settles when a part ends that should go on; rejects when it failed. */
  readonly failed: Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts it; `undo` then stops it, also after half of it. */
export const startDemoTraffic = async (lab: string, undo: Undo): Promise<DemoTraffic> => {
  const parts: { readonly finished: Promise<unknown>; stop(): Promise<unknown> }[] = [];
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    // The client first: a server that goes makes it fail.
    await Promise.allSettled(
      parts
        .splice(0)
        .toReversed()
        .map((part) => part.stop()),
    );
  };
  undo.add(stop);
  const athos = openNode(lab, "athos");
  const aramis = openNode(lab, "aramis");
  try {
    parts.push(await startPing(athos, { target: "db02::2", intervalMs: PING_INTERVAL_MS }));
    const server = await startTcpServer(athos, { address: "db01::1" });
    parts.push(server);
    const { port } = server.ready;
    parts.push(await startTcpDownload(aramis, { address: "db01::1", port, bytesPerSecond: BYTES_PER_SECOND }));
  } finally {
    athos.close();
    aramis.close();
  }
  const failed = Promise.race(parts.map((part) => part.finished)).catch((error: unknown) => {
    if (!stopping) throw error;
  });
  failed.catch(() => {}); // whoever waits for it hears of it
  return { failed, stop };
};
