/** The kinds of traffic that `hopmark demo pval` sends from the left to the right. */
import { attach } from "../../bpf/attach.ts";
import { startPing, startTcpDownload, startTcpServer } from "../../lab/index.ts";
import { popTags, pushTags, type Tag } from "../../lab/traffic/vlan-tags.bpf.ts";
import { UdpSocket } from "../../linux/udp-socket.ts";
import type { Undo } from "../undo.ts";
import { ADDRESSES, DEVICES, type PvalLab } from "./pval-lab.ts";

export interface Kind {
  readonly name: string;
  /** Sends, and says in a few words what the receiving side got. Throws when it did not get everything. */
  readonly send: (lab: PvalLab, undo: Undo) => Promise<string>;
}

const ECHOES = 20;
const LONG_ECHO_BYTES = 4000;
const DOWNLOAD_BYTES = 32_000_000;
const DATAGRAMS = 40;
const DATAGRAM_BYTES = 1000;
const PORT = 4000;
const TAGS: readonly Tag[] = [[0x8100, 5]];
const ARRIVE_MS = 3000;

export const kinds: readonly Kind[] = [
  { name: "ICMP echo", send: (lab) => echo(lab, 56) },
  { name: "ICMP echo in fragments", send: (lab) => echo(lab, LONG_ECHO_BYTES) },
  { name: "TCP in bulk", send: (lab) => download(lab) },
  {
    name: "UDP, cut by the kernel",
    send: (lab, undo) =>
      datagrams(lab, undo, (socket) =>
        socket.send(TO, PORT, new Uint8Array(DATAGRAMS * DATAGRAM_BYTES), DATAGRAM_BYTES),
      ),
  },
  { name: "UDP in a VLAN", send: (lab, undo) => tagged(lab, undo) },
];

const TO = `::ffff:${ADDRESSES.right}`;

const echo = async ({ netns }: PvalLab, payloadBytes: number): Promise<string> => {
  const options = { target: ADDRESSES.right, payloadBytes, intervalMs: 5, count: ECHOES };
  const { sent, received } = await (await startPing(netns.left, options)).finished;
  return all(received, sent, "answers");
};

const download = async ({ netns }: PvalLab): Promise<string> => {
  const server = await startTcpServer(netns.left, { address: ADDRESSES.left });
  const { port } = server.ready;
  const client = await startTcpDownload(netns.right, { address: ADDRESSES.left, port, bytes: DOWNLOAD_BYTES });
  const { receivedBytes, seconds } = await client.finished;
  await server.stop();
  all(receivedBytes, DOWNLOAD_BYTES, "bytes");
  const megabytes = receivedBytes / 1e6;
  return `${megabytes} MB at ${Math.round(megabytes / seconds)} MB/s`;
};

const datagrams = async ({ netns }: PvalLab, undo: Undo, send: (socket: UdpSocket) => void): Promise<string> => {
  const [left, right] = [new UdpSocket(netns.left), new UdpSocket(netns.right, PORT)];
  undo.add(() => left.close());
  undo.add(() => right.close());
  send(left);
  let arrived = 0;
  const deadline = performance.now() + ARRIVE_MS;
  while ((arrived += right.drain().length) < DATAGRAMS && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 2));
  return all(arrived, DATAGRAMS, "datagrams");
};

const tagged = (lab: PvalLab, undo: Undo): Promise<string> => {
  const { left, right } = lab.netns;
  const pushing = attach(pushTags(TAGS), { device: DEVICES.left, direction: "egress", netns: left });
  undo.add(() => pushing.close());
  const popping = attach(popTags(TAGS), { device: DEVICES.right, direction: "ingress", netns: right });
  undo.add(() => popping.close());
  return datagrams(lab, undo, (socket) => {
    for (let at = 0; at < DATAGRAMS; at++) socket.send(TO, PORT, new Uint8Array(DATAGRAM_BYTES));
  });
};

const all = (received: number, sent: number, what: string): string => {
  if (received === sent) return `${received} ${what}`;
  throw new Error(`${received} of ${sent} ${what}`);
};
