/** Two interfaces without an Ethernet header, one in each of two namespaces, and a process that carries packets between them. */
import { closeSync, openSync } from "node:fs";
import { startChild } from "../../src/lab/traffic/child.ts";
import { syscall } from "../../src/linux/ffi.ts";
import type { Netns } from "../../src/linux/netns.ts";
import { deleteLink, linkByName } from "../../src/linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { withNetns } from "../../src/linux/with-netns.ts";

/** `struct ifreq`: name, flags. Source: linux/if_tun.h. */
const [IFREQ_BYTES, FLAGS_AT] = [40, 16];
const [TUNSETIFF, TUNSETLINK] = [0x4004_54ca, 0x4004_54cd];
const [IFF_TUN, IFF_NO_PI] = [1, 0x1000];

/** They are called `name`, and go when the cable stops. */
export const startTunCable = async (
  ends: readonly [Netns, Netns],
  name: string,
): Promise<{ stop(): Promise<unknown> }> => {
  const files = ends.map((netns) => openTun(netns, name));
  const child = await startChild(ends[0], "hopmark-tun-cable", cableMain, { ends: [3, 4] }, files).finally(() =>
    files.forEach((file) => closeSync(file)),
  );
  return {
    stop: () => {
      // What waits for a packet ends.
      for (const netns of ends) remove(netns, name);
      return child.stop();
    },
  };
};

const remove = (netns: Netns, name: string): void => {
  const route = openRtnetlink(netns);
  deleteLink(route, linkByName(route, name).index);
  route.close();
};

/** The file that holds it: it goes when that is closed. `hardwareType`: an ARPHRD number; that of what has no header without it. */
export const openTun = (netns: Netns, name: string, hardwareType?: number): number => {
  const file = withNetns(netns, () => openSync("/dev/net/tun", "r+"));
  const request = new Uint8Array(IFREQ_BYTES);
  new TextEncoder().encodeInto(name, request);
  new DataView(request.buffer).setUint16(FLAGS_AT, IFF_TUN | IFF_NO_PI, true);
  syscall("ioctl", name, file, TUNSETIFF, request);
  if (hardwareType !== undefined) syscall("ioctl", name, file, TUNSETLINK, hardwareType);
  return file;
};

/** Runs in a child; see `startChild` for what it may use. */
const cableMain = ({ ends }: { readonly ends: readonly number[] }): void => {
  const fs = process.getBuiltinModule("node:fs");
  const say = (type: string): void => console.log(JSON.stringify({ type, value: {} }));
  for (const [at, from] of ends.entries()) {
    const to = ends[1 - at] ?? -1;
    const packet = new Uint8Array(1 << 16);
    const next = (): void =>
      fs.read(from, packet, 0, packet.length, null, (error, length) => {
        if (error !== null) return;
        try {
          fs.writeSync(to, packet, 0, length);
        } catch {
          // The other end is not up yet.
        }
        next();
      });
    next();
  }
  process.stdin.resume().on("end", () => {
    say("report");
    process.exit(0);
  });
  say("ready");
};
