/** Modes encap and auto, numbered packets and Direct Export: what each end counts is what was sent. */
import assert from "node:assert/strict";
import { exportReport } from "../../../src/follow/trace/exports/report.ts";
import { startPing, labDown, labUp, musketeers } from "../../../src/lab/index.ts";
import { openNode } from "../../../src/lab/lab.ts";
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
} from "../../../src/mark/ioam/control.ts";
import { until } from "./check.ts";

const LAB = "tunnels";
const ECHOES = 20;
const rule = {
  prefix: "db02::/64",
  traceType: 0xf00000,
  namespaceId: 123,
  frequency: { packets: 1, of: 1 },
} as const;
const numbered = { ...rule, size: 48, tundst: "db02::2", e2e: true } as const satisfies EncapOptions;

type Musketeer = "athos" | "porthos" | "aramis";
const netnsOf = (node: Musketeer): string => `${LAB}-${node}`;
const athos = { device: "h_athos", netns: netnsOf("athos") };
const porthos = { device: "h_porthos_b", netns: netnsOf("porthos") };
const aramis = { device: "h_aramis", netns: netnsOf("aramis") };

export const tunnels = async (): Promise<string> => {
  labUp(musketeers(), LAB);
  try {
    addSink(aramis, { e2e: true });
    addEncap(athos, { ...numbered, mode: "encap" });
    await echo("athos");
    await arrived({ received: ECHOES, decapsulated: ECHOES, e2eReceived: ECHOES, e2eLost: 0, e2eDuplicated: 0 });
    deleteEncap(athos);

    // What porthos forwards gets an outer header, what it makes itself does not.
    addEncap(porthos, { ...numbered, mode: "auto" });
    await echo("athos");
    await arrived({ received: 2 * ECHOES, decapsulated: 2 * ECHOES, e2eReceived: 2 * ECHOES, e2eLost: 0 });
    await echo("porthos");
    await arrived({ received: 3 * ECHOES, decapsulated: 2 * ECHOES, e2eReceived: 3 * ECHOES, e2eLost: 0 });
    deleteEncap(porthos);
    deleteSink(aramis);
    return `${3 * ECHOES} numbered packets, ${2 * ECHOES} of them behind an outer header, none lost`;
  } finally {
    labDown(LAB);
  }
};

export const reports = async (): Promise<string> => {
  labUp(musketeers(), LAB);
  try {
    addEncap(athos, { ...rule, trace: "dex", flowId: 7 });
    for (const device of ["h_porthos_a", "h_porthos_b"]) addExport({ device, netns: netnsOf("porthos") });
    const exports = openExport({ device: "h_porthos_a", netns: netnsOf("porthos") });
    const numbers: string[] = [];
    exports.renew();
    const watch = exports.reader.watch((view, offset, length) => {
      const report = exportReport(new Uint8Array(view.buffer, view.byteOffset + offset, length), 0);
      numbers.push(`${report?.flowId} ${report?.sequence} by ${report?.hop.nodeId}`);
    });
    try {
      await echo("athos");
      await until("a report on each packet", () => new Set(numbers).size >= ECHOES);
    } finally {
      watch.close();
      exports.close();
    }
    // What was known when a packet came, and what when it left, have its number.
    assert.deepEqual(
      [...new Set(numbers)],
      Array.from({ length: ECHOES }, (_, sequence) => `7 ${sequence} by 2`),
    );
    for (const device of ["h_porthos_a", "h_porthos_b"]) deleteExport({ device, netns: netnsOf("porthos") });
    deleteEncap(athos);
    return `${ECHOES} packets asked, porthos reported on each`;
  } finally {
    labDown(LAB);
  }
};

const echo = async (from: Musketeer): Promise<void> => {
  const netns = openNode(LAB, from);
  try {
    const ping = await startPing(netns, { target: "db02::2", count: ECHOES, intervalMs: 20 });
    const { sent, received, errors } = await ping.finished;
    assert.deepEqual({ sent, received, errors }, { sent: ECHOES, received: ECHOES, errors: 0 });
  } finally {
    netns.close();
  }
};

/** What the sink counted since it was made. */
const arrived = async (expected: Readonly<Record<string, number>>): Promise<void> => {
  const counters = (): Record<string, number> => {
    const all = showIoam(aramis.netns)[0]?.counters ?? {};
    return Object.fromEntries(Object.keys(expected).map((name) => [name, Number(all[name] ?? -1n)]));
  };
  await until("all packets are counted", () => counters()["received"] === expected["received"]);
  assert.deepEqual(counters(), expected);
};
