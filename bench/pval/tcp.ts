/**
 * TCP that is marked, by a pval device and in place, and TCP that is not, with the same offloads: what arrives in a second, and what
 * a byte costs both ends together, which others on the machine disturb less.
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { startTcpDownload, startTcpServer } from "../../src/lab/traffic/tcp.ts";
import { setOffloads } from "../../src/linux/ethtool.ts";
import { setLink } from "../../src/linux/rtnetlink/links.ts";
import { writeSysctl } from "../../src/linux/sysctl.ts";
import { addPval } from "../../src/mark/pval/control.ts";
import { MARK_BYTES } from "../../src/mark/pval/mark-counters.ts";
import { PvalLab } from "../../tests/support/pval-lab.ts";
import { pinToOneCpu } from "../../tests/fuzz/pin-cpu.ts";
import { rowOf, type Row } from "../row.ts";

const ROUNDS = 31;
const WARM_MS = 50;
const WINDOW_MS = 150;
const BYTES_UNIT = 1000;
const BUFFER_BYTES = 1 << 18;

/** What the sending side is. */
type Way = "device" | "in place";

interface Sending {
  readonly ipopt: boolean;
  /** TCP hands over each packet of the wire alone, as marks need it. */
  readonly oneByOne?: boolean;
}

/** GRO leaves packets with options alone: it is off where they arrive, for all. */
const laid = (way: Way, { ipopt, oneByOne = false }: Sending): PvalLab => {
  const lab = new PvalLab();
  if (way === "device") lab.add("left", { ipopt });
  else if (ipopt) addPval({ link: "h_left", options: { ipopt }, inPlace: true }, lab.reference("left"));
  const sending = way === "device" ? "pval0" : "h_left";
  // As NICs have it: an interface that fills in no checksums takes no fragments either, and each segment is copied once more.
  setOffloads(lab.route("left"), "h_left", { tx: true, sg: true });
  setOffloads(lab.route("left"), sending, { tso: false, gso: false, uso: false });
  if (oneByOne) setLink(lab.route("left"), lab.link("left", sending).index, { gsoMaxSegments: 1 });
  setOffloads(lab.route("right"), "h_right", { gro: false });
  // What the receiver takes alone says how fast TCP is, not what a connection has been through: BBR's pace, losses, windows that grow.
  writeSysctl(lab.netns("left"), "net/ipv4/tcp_congestion_control", "reno");
  writeSysctl(lab.netns("left"), "net/ipv4/tcp_wmem", `4096 ${2 * BUFFER_BYTES} ${2 * BUFFER_BYTES}`);
  writeSysctl(lab.netns("right"), "net/ipv4/tcp_rmem", `4096 ${BUFFER_BYTES} ${BUFFER_BYTES}`);
  return lab;
};

interface Sample {
  readonly timeNs: number;
  readonly cpuNs: number;
  /** Of TCP's payload. */
  readonly bytes: number;
}

/** All threads of these processes, with what the kernel did in their name. */
const cpuNs = (pids: readonly number[]): number => {
  let sum = 0;
  for (const pid of pids)
    for (const thread of readdirSync(`/proc/${pid}/task`))
      sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  return sum;
};

/** Ethernet, IPv4, TCP with time stamps. */
const HEADER_BYTES = 14 + 20 + 32;

/** What came in by the device of a process's namespace, less the headers. */
const payload = (pid: number, device: string, headerBytes: number): number => {
  const line = readFileSync(`/proc/${pid}/net/dev`, "utf8").split(`${device}:`)[1] ?? "";
  const [bytes = NaN, packets = NaN] = line.trim().split(/\s+/).map(Number);
  return bytes - packets * headerBytes;
};

interface Measured {
  /** Bytes a second. */
  readonly rate: number;
  /** ns of CPU for a thousand of them. */
  readonly cost: number;
}

/** An endless transfer from the device that stands still but while it is measured. */
interface Transfer {
  measure(): Promise<Measured>;
  close(): Promise<void>;
}

const startTransfer = async (lab: PvalLab, ipopt: boolean): Promise<Transfer> => {
  const server = await startTcpServer(lab.netns("left"), { address: "10.0.0.1" });
  const client = await startTcpDownload(lab.netns("right"), { address: "10.0.0.1", port: server.ready.port });
  const pids = [server.pid, client.pid];
  const signalAll = (signal: NodeJS.Signals): void => pids.forEach((pid) => process.kill(pid, signal));
  const sample = (): Sample => ({
    timeNs: performance.now() * 1e6,
    cpuNs: cpuNs(pids),
    bytes: payload(client.pid, "h_right", HEADER_BYTES + (ipopt ? MARK_BYTES : 0)),
  });
  signalAll("SIGSTOP");
  return {
    measure: async () => {
      signalAll("SIGCONT");
      await setTimeout(WARM_MS);
      const before = sample();
      await setTimeout(WINDOW_MS);
      const after = sample();
      signalAll("SIGSTOP");
      const bytes = after.bytes - before.bytes;
      return {
        rate: (bytes * 1e9) / (after.timeNs - before.timeNs),
        cost: ((after.cpuNs - before.cpuNs) * BYTES_UNIT) / bytes,
      };
    },
    close: async () => {
      signalAll("SIGCONT");
      await client.stop();
      await server.stop();
    },
  };
};

export const tcpRows = async (): Promise<readonly Row[]> => {
  // Both ends on one CPU, whichever device is measured: where they run decides more than what is measured.
  pinToOneCpu();
  return [
    ...(await rowsOf("device", "through a device that marks", [{ name: "the same device without marks" }])),
    ...(await rowsOf("in place", "marked in place", [
      { name: "the same interface without marks" },
      { name: "the same, each packet handed over alone", oneByOne: true },
    ])),
  ];
};

interface Peer {
  readonly name: string;
  readonly oneByOne?: boolean;
}

const rowsOf = async (way: Way, what: string, peers: readonly Peer[]): Promise<readonly Row[]> => {
  const sendings: readonly Sending[] = [
    { ipopt: true },
    ...peers.map(({ oneByOne = false }) => ({ ipopt: false, oneByOne })),
  ];
  const labs: PvalLab[] = [];
  const transfers: Transfer[] = [];
  try {
    for (const sending of sendings) {
      const lab = laid(way, sending);
      labs.push(lab);
      transfers.push(await startTransfer(lab, sending.ipopt));
    }
    const rounds: Measured[][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const measured: Measured[] = [];
      for (const transfer of transfers) measured.push(await transfer.measure());
      rounds.push(measured);
    }
    return peers.flatMap(({ name: peerName }, at) => {
      const pairsOf = (value: (measured: Measured) => number): Pair[] =>
        rounds.map(([marking, ...others]) => ({ ours: value(marking!), peer: value(others[at]!) }));
      return [
        rowOf(
          { name: `TCP ${what}`, unit: "bytes/s", better: "higher", peerName },
          pairsOf(({ rate }) => rate),
        ),
        rowOf(
          { name: `CPU of TCP ${what}`, unit: "ns/1000 bytes", better: "lower", peerName },
          pairsOf(({ cost }) => cost),
        ),
      ];
    });
  } finally {
    for (const transfer of transfers) await transfer.close();
    for (const lab of labs) lab.close();
  }
};

interface Pair {
  readonly ours: number;
  readonly peer: number;
}
