/** Datagrams from the left node of a pval lab to its right one. */
import { expect } from "vitest";
import { UdpSocket } from "../../src/linux/udp-socket.ts";
import type { PvalLab } from "./pval-lab.ts";

/** Sends them, `segment` bytes of each to a packet where that is not 0, and returns the `expected` packets that came. */
export const exchangeDatagrams = async (
  lab: PvalLab,
  port: number,
  datagrams: readonly Uint8Array[],
  { segment = 0, expected = datagrams.length }: { readonly segment?: number; readonly expected?: number } = {},
): Promise<Uint8Array[]> => {
  const [left, right] = [new UdpSocket(lab.netns("left")), new UdpSocket(lab.netns("right"), port)];
  try {
    for (const bytes of datagrams) left.send("::ffff:10.0.0.2", port, bytes, bytes.length > segment ? segment : 0);
    const received: Uint8Array[] = [];
    // They may come in several turns.
    await expect.poll(() => received.push(...right.drain())).toBe(expected);
    return received;
  } finally {
    left.close();
    right.close();
  }
};
