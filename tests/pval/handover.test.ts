/** txtstamp: the time at which the driver gets a packet, behind queues that hold packets back, drop them and cut them up. */
import { StampSource } from "../../src/wire/stamp-source.ts";
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addPval, openCopies, type OpenCopies } from "../../src/mark/pval/control.ts";
import { CopyHeader } from "../../src/mark/pval/record.ts";
import { readLayout } from "../../src/wire/codec.ts";
import type { TypeOf } from "../../src/wire/layout.ts";
import { PvalLab } from "../support/pval-lab.ts";
import { addTokenBucket } from "../support/token-bucket.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";

const HEADERS = 14 + 20 + 8;
const DATA_BYTES = 1000 - HEADERS;
const PORT = 4000;
const options = { txcopy: true, txtstamp: true };

let lab: PvalLab;
let sockets: { readonly left: UdpSocket; readonly right: UdpSocket };
beforeEach(() => {
  lab = new PvalLab();
});
afterEach(() => {
  for (const socket of Object.values(sockets)) socket.close();
  lab.close();
});

const ways = {
  "a device of its own": (): string => {
    lab.add("left", { ...options, ipopt: true });
    return "pval0";
  },
  "in place": (): string => {
    addPval({ link: "h_left", options, inPlace: true }, lab.reference("left"));
    return "h_left";
  },
};

interface Copied {
  /** Times of handing over, ns, in order. */
  readonly stamped: readonly number[];
  /** Copies without. */
  readonly missed: number;
}

/**
 * The copies of packets to the right's port, once there are as many, with those that wait. Some kernels do not run programs at
 * tracepoints while process 1 is the current one (decision 16): then a stamp does not come.
 */
const copied = async ({ rings }: OpenCopies, name: string, count: number): Promise<Copied> => {
  const headers: TypeOf<typeof CopyHeader>[] = [];
  const take = (view: DataView, offset: number): void => {
    const header = readLayout(CopyHeader, new Uint8Array(view.buffer), view.byteOffset + offset);
    if (header.packetLength >= HEADERS + DATA_BYTES) headers.push(header);
  };
  const accounted = (): number => {
    for (const ring of rings) ring.poll(take);
    return headers.length + Number(stamps(name)?.waiting);
  };
  await expect.poll(accounted, { timeout: 5000, interval: 20 }).toBeGreaterThanOrEqual(count);
  const from = (source: number) => headers.filter(({ stampSource }) => stampSource === source);
  const times = from(StampSource.Driver).map(({ timeNs }) => timeNs);
  const stamped = times.map((time) => Number(time - times[0]!)).toSorted((a, b) => a - b);
  return { stamped, missed: from(StampSource.Clock).length };
};

const open = async (): Promise<void> => {
  sockets = { left: new UdpSocket(lab.netns("left")), right: new UdpSocket(lab.netns("right"), PORT) };
  // The neighbour's address is known afterwards.
  send(1);
  await arrive(1);
};
const send = (count: number): void => {
  for (let at = 0; at < count; at++) sockets.left.send("::ffff:10.0.0.2", PORT, new Uint8Array(DATA_BYTES));
};
const arrive = async (count: number): Promise<void> => {
  let arrived = 0;
  const drained = (): number => (arrived += sockets.right.drain().length);
  await expect.poll(drained, { timeout: 5000, interval: 5 }).toBe(count);
};
const queue = (limits: Parameters<typeof addTokenBucket>[2]): void =>
  addTokenBucket(lab.route("left"), lab.link("left", "h_left").index, limits);
/** By the queue of the left's interface. */
const dropped = (): number => {
  const words = ["-n", lab.reference("left"), "-s", "-j", "qdisc", "show", "dev", "h_left", "root"];
  const [own] = JSON.parse(execFileSync("tc", words, { encoding: "utf8" })) as { drops: number }[];
  return own?.drops ?? 0;
};
const stamps = (name: string) => lab.status("left", name).statistics.stamps;

test.each(Object.keys(ways) as (keyof typeof ways)[])("%s: a queue that holds packets back", async (way) => {
  const name = ways[way]();
  await open();
  queue({ bytesPerSecond: 1_000_000, burst: 2000, limit: 1_000_000 });
  const copies = openCopies(`${name}-tx`, lab.reference("left"));
  send(40);
  await arrive(40);
  const { stamped } = await copied(copies, name, 40);
  copies.close();
  expect(stamped.length).toBeGreaterThan(20);
  // Two go at once, the others a millisecond apart: an application's calls take far less.
  expect(stamped.at(-1)! - stamped[0]!).toBeGreaterThan((stamped.length - 3) * 0.95e6);
});

test.each(Object.keys(ways) as (keyof typeof ways)[])("%s: a queue that drops packets", async (way) => {
  const name = ways[way]();
  await open();
  queue({ bytesPerSecond: 200_000, burst: 2000, limit: 6000 });
  const copies = openCopies(`${name}-tx`, lab.reference("left"));
  send(30);
  let arrived = 0;
  const settled = (): number => (arrived += sockets.right.drain().length) + dropped();
  await expect.poll(settled, { timeout: 5000, interval: 20 }).toBe(30);
  const { stamped, missed } = await copied(copies, name, 30);
  copies.close();
  expect(missed).toBeGreaterThan(10);
  expect(stamped.length).toBeGreaterThan(0);
  expect(stamped.length).toBeLessThanOrEqual(arrived);
  expect(stamps(name)?.missing).toBeGreaterThanOrEqual(BigInt(missed));
});
