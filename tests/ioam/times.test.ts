/** Times never decrease along a path, to the microsecond, whoever fills in the middle. */
import { expect, onTestFinished, test } from "vitest";
import { encapReasons, encapCounters } from "../../src/mark/ioam/encap/counters.ts";
import { namespaceOf } from "../../src/mark/ioam/local-node.ts";
import { sinkRing } from "../../src/mark/ioam/sink/report.bpf.ts";
import { rule } from "../../src/mark/ioam/test-support/nodes.ts";
import { IoamLab } from "../support/ioam-lab.ts";
import { readPathTimes } from "../support/path-times.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";

const BATCH = 500;
const BATCHES = 20;

test.each([
  ["kernel", false],
  ["kernel", true],
  ["hopmark", false],
  ["hopmark", true],
] as const)("transit by %s, packets stamped as they arrive: %s", { timeout: 60_000 }, async (transit, stamped) => {
  const lab = new IoamLab(transit === "kernel" ? { kernelIoam: ["porthos"] } : {});
  onTestFinished(() => lab.close());
  const namespace = namespaceOf(lab.identity("athos", "h_athos").node, 123);
  const encap = lab.encap([rule({ traceType: 0xfe0000, size: 84, namespace })]);
  if (transit === "hopmark") lab.transit();
  const sink = lab.sink();
  const sender = new UdpSocket(lab.node("athos"));
  const receiver = new UdpSocket(lab.node("aramis"), 5300);
  // One socket anywhere that wants timestamps makes the kernel stamp every packet of every namespace.
  if (stamped) receiver.enableTimestamps();
  lab.onClose(() => {
    sender.close();
    receiver.close();
  });
  const ring = sink.map(sinkRing);
  let records = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    for (let index = 0; index < BATCH; index++) sender.send("db02::2", 5300, new Uint8Array(20));
    for (const end = performance.now() + 2000; records < (batch + 1) * BATCH && performance.now() < end;) {
      const { backwards, incomplete, records: read } = readPathTimes(ring, 3);
      expect({ backwards, incomplete }).toEqual({ backwards: [], incomplete: [] });
      records += read;
      if (read === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    receiver.drain();
  }
  expect(records).toBe(BATCH * BATCHES);
  expect(encap.map(encapCounters).sum(encapReasons.indexOf("sent"))?.value).toBe(BigInt(records));
});
