/** Direct Export from end to end: packets ask, nodes report, reports become paths, and what asked is taken off. */
import { expect, onTestFinished, test, vi } from "vitest";
import { ExportJoiner } from "../../src/follow/trace/exports/export-joiner.ts";
import { exportReport, type ExportReport } from "../../src/follow/trace/exports/report.ts";
import { namespaceName } from "../../src/lab/topology.ts";
import { startPing } from "../../src/lab/traffic/ping.ts";
import {
  addEncap,
  addExport,
  addSink,
  deleteEncap,
  deleteExport,
  deleteSink,
  openExport,
  showIoam,
  type EncapOptions,
} from "../../src/mark/ioam/control.ts";
import { decodePacket } from "../../src/wire/packet/decode.ts";
import { IoamLab, type Musketeer } from "../support/ioam-lab.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";

// Labs and compilations, on machines that have other things to do too.
vi.setConfig({ testTimeout: 60_000 });

type Report = ExportReport & { readonly stages: string };

/** What all three nodes report from now on: of each packet, in the order of its way. */
const joinedReports = (lab: IoamLab): { want(): void; take(): Report[][] } => {
  const devices = [
    ["athos", "h_athos"],
    ["porthos", "h_porthos_a"],
    ["porthos", "h_porthos_b"],
    ["aramis", "h_aramis"],
  ] as const;
  const opened = devices.map(([node, device]) => {
    const target = { device, netns: namespaceName(lab.name, node) };
    expect(addExport(target)).toEqual({ warnings: [] });
    const exporter = openExport(target);
    lab.onClose(() => {
      exporter.close();
      deleteExport(target);
    });
    return [node, exporter] as const;
  });
  const take = (): Report[][] => {
    const found: Report[][] = [];
    const joiner = new ExportJoiner({
      onPacket: (packet) =>
        found.push(
          Array.from({ length: packet.hops }, (_, hop) => {
            const { arrivals, departures } = packet.facts(hop);
            const stages = `${arrivals > 0 ? "in" : ""}${departures > 0 ? "out" : ""}`;
            return { ...exportReport(packet.bytes, packet.offset(hop))!, stages };
          }),
        ),
    });
    for (const [node, { reader }] of opened.toReversed())
      for (const record of reader.drain()) joiner.take(record, 0, nodes.indexOf(node), 0);
    joiner.flush();
    return found.toSorted((one, other) => one[0]!.sequence! - other[0]!.sequence!);
  };
  return { want: () => opened.forEach(([, { renew }]) => renew()), take };
};
const nodes: readonly Musketeer[] = ["athos", "porthos", "aramis"];

const rule: EncapOptions = {
  prefix: "db02::/64",
  trace: "dex",
  // Ids, delay, queue.
  traceType: 0xca0000,
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
  const reports = joinedReports(lab);
  const capture = (node: Musketeer, device: string): PacketSocket => {
    const socket = new PacketSocket(lab.node(node), lab.ifindex(node, device));
    lab.onClose(() => socket.close());
    return socket;
  };
  const before = capture("porthos", "h_porthos_a");
  // Sees what the sink made of packets.
  const after = capture("aramis", "h_aramis");

  reports.want();
  const ping = await startPing(lab.node("athos"), { target: "db02::2", count: PINGS, intervalMs: 2 });
  expect(await ping.finished).toMatchObject({ sent: PINGS, received: PINGS, errors: 0 });

  const delay = expect.toSatisfy((value: number | null) => value !== null && value > 0 && value < 1e9);
  const inserted = { nodeId: 1, ingressId: null, egressId: 11, hopLimit: 64, transitDelayNs: null, queueDepth: 0 };
  const passed = { nodeId: 2, ingressId: 21, egressId: 22, hopLimit: 63, transitDelayNs: delay, queueDepth: 0 };
  const ended = { nodeId: 3, ingressId: 31, egressId: null, hopLimit: 62, transitDelayNs: null, queueDepth: null };
  expect(reports.take()).toMatchObject(
    Array.from({ length: PINGS }, (__, sequence) => {
      const common = { flowId: own.dexFlowId, sequence, source: "db01::1", destination: "db02::2", protocol: "icmpv6" };
      return [
        { ...common, stages: "out", hop: inserted },
        { ...common, stages: "inout", hop: passed },
        { ...common, stages: "in", hop: ended },
      ];
    }),
  );
  expect(showIoam(athos.netns).find(({ kind }) => kind === "encap")?.counters).toMatchObject({ sent: BigInt(PINGS) });
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
  reports.want();
  const again = await startPing(lab.node("athos"), { target: "db02::2", count: 2, intervalMs: 2 });
  expect(await again.finished).toMatchObject({ received: 2 });
  expect(reports.take()).toMatchObject([0, 1].map((sequence) => nodes.map(() => ({ flowId: 8, sequence }))));
  deleteEncap(athos);
  expect(showIoam(athos.netns)).toMatchObject([{ kind: "export" }]);
});
