/** Direct Export from end to end: packets ask, nodes report, reports become paths, and what asked is taken off. */
import { expect, onTestFinished, test, vi } from "vitest";
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import { joinExports, readExport, type ExportedHop } from "../../src/follow/trace/join-exports.ts";
import { namespaceName } from "../../src/lab/topology.ts";
import { startPing } from "../../src/lab/traffic/ping.ts";
import {
  addEncap,
  addSink,
  deleteEncap,
  deleteSink,
  showIoam,
  type EncapOptions,
} from "../../src/mark/ioam/control.ts";
import { exporter, exportRing } from "../../src/mark/ioam/export/dex.bpf.ts";
import { decodePacket } from "../../src/wire/packet/decode.ts";
import { IoamLab, type Musketeer } from "../support/ioam-lab.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";

// Labs and compilations, on machines that have other things to do too.
vi.setConfig({ testTimeout: 60_000 });

/** What a node reports from now on. */
const reportsOf = (lab: IoamLab, node: Musketeer, device: string): (() => ExportedHop[]) => {
  const program = load(compile(exporter(lab.identity(node, device))));
  const where = { ifindex: lab.ifindex(node, device), netns: lab.node(node) };
  const link = program.attachTc(where, { direction: "ingress", order: "first" });
  lab.onClose(() => {
    link.close();
    program.close();
  });
  return () => {
    const found: ExportedHop[] = [];
    program.map(exportRing).poll((view, offset, length) => {
      const report = readExport(new Uint8Array(view.buffer, view.byteOffset + offset, length));
      if (report !== null) found.push(report);
    });
    return found;
  };
};

const rule: EncapOptions = {
  prefix: "db02::/64",
  trace: "dex",
  traceType: 0xc00000,
  namespaceId: 123,
  frequency: { packets: 1, of: 1 },
};
const PINGS = 5;
const ECHO_REQUEST = 128;

/** The layers of each echo request that came. */
const requests = (socket: PacketSocket): string[][] => {
  const found: string[][] = [];
  for (let packet = socket.receive(); packet !== null; packet = socket.receive()) {
    const { layers } = decodePacket(packet);
    if (layers.some((layer) => layer.protocol === "icmpv6" && layer.header.type === ECHO_REQUEST))
      found.push(layers.map(({ protocol }) => protocol));
  }
  return found;
};

test.each<[string, Partial<EncapOptions>, number]>([
  ["inline", {}, 24],
  ["encap", { mode: "encap", tundst: "db02::2" }, 64],
])("mode %s", async (_, mode, bytes) => {
  const lab = new IoamLab();
  onTestFinished(() => lab.close());
  const at = (node: Musketeer) => ({ device: `h_${node}`, netns: namespaceName(lab.name, node) });
  const [athos, aramis] = [at("athos"), at("aramis")];
  const own = addEncap(athos, { ...rule, ...mode });
  expect(own).toMatchObject({ warnings: [], size: 0, route: { mtu: 1500 - bytes } });
  addSink(aramis);
  lab.onClose(() => deleteSink(aramis));
  const porthosReports = reportsOf(lab, "porthos", "h_porthos_a");
  const aramisReports = reportsOf(lab, "aramis", "h_aramis");
  const capture = (node: Musketeer, device: string): PacketSocket => {
    const socket = new PacketSocket(lab.node(node), lab.ifindex(node, device));
    lab.onClose(() => socket.close());
    return socket;
  };
  const before = capture("porthos", "h_porthos_a");
  // Sees what the sink made of packets.
  const after = capture("aramis", "h_aramis");

  const ping = await startPing(lab.node("athos"), { target: "db02::2", count: PINGS, intervalMs: 2 });
  expect(await ping.finished).toMatchObject({ sent: PINGS, received: PINGS, errors: 0 });

  const paths = joinExports([...aramisReports(), ...porthosReports()]).toSorted((a, b) => a.sequence! - b.sequence!);
  expect(paths).toMatchObject(
    Array.from({ length: PINGS }, (__, sequence) => ({
      flowId: own.dexFlowId,
      sequence,
      destination: "db02::2",
      hops: [{ hop: { nodeId: 2, ingressId: 21, hopLimit: 63 } }, { hop: { nodeId: 3, ingressId: 31, hopLimit: 62 } }],
    })),
  );
  expect(showIoam(athos.netns)[0]?.counters).toMatchObject({ sent: BigInt(PINGS) });
  // It asks on the way, and nothing of it is delivered.
  const asked = requests(before);
  expect(asked.map((layers) => layers.includes("hop-by-hop"))).toEqual(Array.from({ length: PINGS }, () => true));
  expect(requests(after)).toEqual(asked.map(() => ["ethernet", "ipv6", "icmpv6", "payload"]));

  expect(() => addEncap(athos, { ...rule, prefix: "db03::/64", flowId: own.dexFlowId! })).toThrow(
    `flow ${own.dexFlowId} is the one of packets to db02::/64 already`,
  );
  // A new rule in the old one's place counts from 0 again.
  deleteEncap(athos);
  addEncap(athos, { ...rule, ...mode, flowId: 7 });
  addEncap(athos, { ...rule, prefix: "db03::/64" });
  deleteEncap(athos, "db02::/64");
  addEncap(athos, { ...rule, ...mode, flowId: 8 });
  const again = await startPing(lab.node("athos"), { target: "db02::2", count: 2, intervalMs: 2 });
  expect(await again.finished).toMatchObject({ received: 2 });
  expect(porthosReports()).toMatchObject([0, 1].map((sequence) => ({ flowId: 8, sequence })));
  deleteEncap(athos);
  expect(showIoam(athos.netns)).toEqual([]);
});
