/** TCP through a pval device that marks, and through one that does not, with the same offloads. */
import { startTcpDownload, startTcpServer } from "../../src/lab/traffic/tcp.ts";
import { setOffloads } from "../../src/linux/ethtool.ts";
import { PvalLab } from "../../tests/support/pval-lab.ts";
import { median, type Row } from "../row.ts";

const BYTES = 1 << 26;
const ROUNDS = 7;

/** GRO leaves packets with options alone: it is off where they arrive, for both. */
const laid = (ipopt: boolean): PvalLab => {
  const lab = new PvalLab();
  lab.add("left", { ipopt });
  setOffloads(lab.route("left"), "pval0", { tso: false, gso: false, uso: false });
  setOffloads(lab.route("right"), "h_right", { gro: false });
  return lab;
};

/** Bytes per second of one transfer from the device. */
const transfer = async (lab: PvalLab): Promise<number> => {
  const server = await startTcpServer(lab.netns("left"), { address: "10.0.0.1" });
  const request = { address: "10.0.0.1", port: server.ready.port, bytes: BYTES };
  const client = await startTcpDownload(lab.netns("right"), request);
  const { receivedBytes, seconds } = await client.finished;
  await server.stop();
  return receivedBytes / seconds;
};

export const tcpRow = async (): Promise<Row> => {
  const [marking, plain] = [laid(true), laid(false)];
  try {
    const pairs: { readonly ours: number; readonly peer: number }[] = [];
    for (let round = 0; round < ROUNDS; round++)
      pairs.push({ ours: await transfer(marking), peer: await transfer(plain) });
    const ratios = pairs.map(({ ours, peer }) => ours / peer).toSorted((a, b) => a - b);
    return {
      name: "TCP through a device that marks",
      unit: "bytes/s",
      better: "higher",
      ours: median(pairs.map(({ ours }) => ours)),
      peer: { name: "the same device without marks", value: median(pairs.map(({ peer }) => peer)) },
      ratio: median(ratios),
      spread: ((ratios.at(-2) ?? 0) - (ratios[1] ?? 0)) / median(ratios),
      rounds: ROUNDS,
    };
  } finally {
    marking.close();
    plain.close();
  }
};
