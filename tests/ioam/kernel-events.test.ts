/** A node that is the kernel's alone reports its traces; what they come to is what a Hopmark sink would say. */
import { expect, onTestFinished, test } from "vitest";
import { UnsupportedError } from "../../src/errors.ts";
import { KernelTraces } from "../../src/follow/trace/kernel-traces.ts";
import { pathObject, type PathObject } from "../../src/follow/trace/path-object.ts";
import { TraceStatistics } from "../../src/follow/trace/statistics.ts";
import { namespaceOf } from "../../src/mark/ioam/local-node.ts";
import { rule } from "../../src/mark/ioam/test-support/nodes.ts";
import { IoamLab, type Musketeer } from "../support/ioam-lab.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";

const COUNT = 50;

const openTraces = (lab: IoamLab, node: Musketeer): KernelTraces | undefined => {
  try {
    const traces = new KernelTraces(lab.node(node));
    lab.onClose(() => traces.close());
    return traces;
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
};

/** All events of a node, once they are there; each as its packet's path. */
const pathsOf = async (traces: KernelTraces, statistics: TraceStatistics): Promise<PathObject[]> => {
  const paths: PathObject[] = [];
  const watch = traces.watch((view, offset) => {
    const bytes = new Uint8Array(view.buffer);
    statistics.add(bytes, offset);
    paths.push(pathObject(bytes, offset, new Map()));
  });
  for (const end = performance.now() + 5000; paths.length < COUNT && performance.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  watch.close();
  return paths;
};

test.each([
  ["kernel", 3],
  ["hopmark", 3],
] as const)("transit by %s: the kernel's last node tells of %i hops", async (transit, hops) => {
  const lab = new IoamLab({ kernelIoam: transit === "kernel" ? ["porthos", "aramis"] : ["aramis"] });
  onTestFinished(() => lab.close());
  const traces = openTraces(lab, "aramis");
  if (traces === undefined) return console.warn("skipped: this kernel sends no IOAM events");
  const onTheWay = transit === "kernel" ? openTraces(lab, "porthos") : undefined;
  const namespace = namespaceOf(lab.identity("athos", "h_athos").node, 123);
  lab.encap([rule({ traceType: 0xfe0000, size: 84, namespace })]);
  if (transit === "hopmark") lab.transit();
  const [sender, receiver] = [new UdpSocket(lab.node("athos")), new UdpSocket(lab.node("aramis"), 5300)];
  lab.onClose(() => {
    sender.close();
    receiver.close();
  });
  for (let index = 0; index < COUNT; index++) sender.send("db02::2", 5300, new Uint8Array(20));

  const statistics = new TraceStatistics();
  const paths = await pathsOf(traces, statistics);
  expect(paths).toHaveLength(COUNT);
  for (const path of paths) {
    expect(path).toMatchObject({ namespaceId: 123, traceType: "0xfe0000", protocol: "unknown", remainingWords: 0 });
    expect(path.hops.map(({ nodeId }) => nodeId)).toEqual([1, 2, 3]);
    expect(path.hops.map(({ ingressId, egressId }) => [ingressId, egressId])).toEqual([[null, 11], [21, 22], [31, null]]); // prettier-ignore
  }
  expect(statistics.paths).toMatchObject([{ packets: COUNT, backwards: 0, hops: { length: hops } }]);
  // Of the packets the kernel tells nothing, so nothing is said of flows.
  expect(statistics.flows.count()).toBe(0);
  expect(traces.counts()).toEqual({ received: BigInt(COUNT), segments: BigInt(COUNT), eventOverruns: 0n });

  if (onTheWay === undefined) return;
  const sofar = await pathsOf(onTheWay, new TraceStatistics());
  expect(sofar).toHaveLength(COUNT);
  for (const path of sofar) expect(path.hops.map(({ nodeId }) => nodeId)).toEqual([1, 2]);
});
