/** Queue depth while a queue fills: the kernel's and Hopmark's count the same bytes. */
import { expect, onTestFinished, test } from "vitest";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { frame, HOP_BY_HOP_AT, traceHeader } from "../../src/mark/ioam/conformance/frames.ts";
import { IoamLab } from "../support/ioam-lab.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { addTokenBucket } from "../support/token-bucket.ts";

const PACKETS = 6;
const given = frame({
  hopByHop: traceHeader({ traceType: 0x020000, data: new Uint8Array(4) }),
  payload: new Uint8Array(1000),
  sourceMac: "2e:fe:7c:b0:c7:72",
  destinationMac: "2e:fe:7c:b0:c7:21",
});

test.each(["kernel", "hopmark"] as const)("by %s", { timeout: 30_000 }, (transit) => {
  const lab = new IoamLab(transit === "kernel" ? { kernelIoam: ["porthos"] } : {});
  onTestFinished(() => lab.close());
  if (transit === "hopmark") lab.transit();
  const route = openRtnetlink(lab.node("porthos"));
  // The first packet passes, and each further one waits for 0.36 s: longer than a busy machine takes to send them all.
  addTokenBucket(route, lab.ifindex("porthos", "h_porthos_b"), {
    bytesPerSecond: 3000,
    burst: 2 * given.length - 1,
    limit: 100_000,
  });
  route.close();
  const near = new PacketSocket(lab.node("athos"), lab.ifindex("athos", "h_athos"), { protocol: 0 });
  const far = new PacketSocket(lab.node("aramis"), lab.ifindex("aramis", "h_aramis"));
  lab.onClose(() => {
    near.close();
    far.close();
  });
  for (let index = 0; index < PACKETS; index++) near.send(given);
  const depths: number[] = [];
  while (depths.length < PACKETS) {
    const came = far.next(5000);
    if (came === null) throw new Error(`only ${depths.length} packets came`);
    if (came.length === given.length) depths.push(new DataView(came.buffer).getUint32(HOP_BY_HOP_AT + 16));
  }
  expect(depths).toEqual([0, ...Array.from({ length: PACKETS - 1 }, (_, index) => index * given.length)]);
});
