/** Copies read from the rings of a device at work: exact under overload, with readers that die. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { openPins, listPins } from "../../bpf/pin/registry.ts";
import { temporaryRtnetlink } from "../../linux/fixtures/temporary-netns.ts";
import { PacketSocket } from "../../linux/packet-socket.ts";
import { processIdentity, type ProcessIdentity } from "../../linux/process-identity.ts";
import { createVeth, linkByName, links, setLink } from "../../linux/rtnetlink/links.ts";
import { waitUsable } from "../../linux/rtnetlink/usable.ts";
import { readLayout } from "../../wire/codec.ts";
import { possibleCpus } from "../../bpf/maps/possible-cpus.ts";
import { addPval, deletePval, openCopies, setPval, showDevices, type OpenCopies } from "./control.ts";
import { copyMaps } from "./copy-maps.ts";
import { COPY_HEADER_BYTES, CopyHeader, Direction } from "./record.ts";
import { ringBytesFor } from "./ring-size.ts";
import { data, packet, udp } from "./test-support/packets.ts";

const sample = packet({}, [udp, data(20)]);

/** `low` with pval0 on it, and frames that `high` sends to it. */
const scene = () => {
  const { netns, route } = temporaryRtnetlink();
  createVeth(route, { name: "low" }, { name: "high" });
  for (const { index } of links(route)) setLink(route, index, { up: true });
  waitUsable(route, "low", []);
  const { name } = netns;
  addPval({ link: "low", options: { rxcopy: true }, inPlace: false }, name);
  setLink(route, linkByName(route, "pval0").index, { up: true });
  waitUsable(route, "pval0", []);
  const socket = new PacketSocket(netns, linkByName(route, "high").index, { protocol: 0 });
  onTestFinished(() => {
    socket.close();
    deletePval("pval0", name);
  });
  const send = (count: number): void => {
    for (let at = 0; at < count; at++) socket.send(sample);
  };
  const totals = () => {
    const { copies } = showDevices(name)[0]!.statistics;
    const sum = (key: "produced" | "lost" | "idle") => copies.reduce((total, own) => total + Number(own[key]), 0);
    return { produced: sum("produced"), lost: sum("lost"), idle: sum("idle") };
  };
  return { netns, name, send, totals };
};

const read = ({ rings }: OpenCopies): number => rings.reduce((sum, ring) => sum + ring.poll(() => {}), 0);

test("a record is the packet, with where and when it came", () => {
  const { name, send } = scene();
  const copies = openCopies("pval0", name);
  const before = BigInt(Date.now()) * 1_000_000n;
  send(1);
  const seen: { header: ReturnType<typeof headerAt>; bytes: Uint8Array }[] = [];
  const headerAt = (view: DataView, offset: number) =>
    readLayout(CopyHeader, new Uint8Array(view.buffer, view.byteOffset), offset);
  for (const ring of copies.rings) {
    ring.poll((view, offset, length) => {
      const bytes = new Uint8Array(
        view.buffer,
        view.byteOffset + offset + COPY_HEADER_BYTES,
        length - COPY_HEADER_BYTES,
      );
      seen.push({ header: headerAt(view, offset), bytes: bytes.slice() });
    });
  }
  copies.close();
  const ours = seen.find(({ bytes }) => bytes.length === sample.length);
  expect(ours?.bytes).toEqual(sample);
  expect(ours?.header).toMatchObject({ packetLength: sample.length, direction: Direction.Receive, segments: 1 });
  const late = Number((ours?.header.timeNs ?? 0n) - before);
  expect(Math.abs(late)).toBeLessThan(10e9);
});

test("nothing is copied while nobody reads, and one reads at a time", () => {
  const { name, send, totals } = scene();
  send(10);
  expect(totals()).toMatchObject({ produced: 0, lost: 0 });
  const { idle } = totals();
  expect(idle).toBeGreaterThanOrEqual(10);
  const copies = openCopies("pval0-rx", name);
  expect(copies.rings.map((ring) => ring.name)).toEqual(
    Array.from({ length: possibleCpus() }, (_, cpu) => `pval0-rx-cpu-${cpu}`),
  );
  expect(() => openCopies("pval0-rx-cpu-0", name)).toThrow(/pval0-rx-cpu-0 is being read by process/);
  expect(() => openCopies("pval0-tx", name)).toThrow(/not copied/);
  expect(() => openCopies("pval1", name)).toThrow(/no pval device or ring pval1/);
  copies.close();
  openCopies("pval0-rx-cpu-0", name).close();
});

test("produced is what was read and what was lost, whatever overload, changes and death bring", async () => {
  const { netns, name, send, totals } = scene();
  let all = 0;
  // More than the rings hold.
  const first = openCopies("pval0", name);
  send(14_000 * possibleCpus());
  all += read(first);
  send(100);
  // Options change; who reads goes on.
  setPval({ name: "pval0", options: { strip: true, snap: 64 } }, name);
  send(100);
  all += read(first);
  send(50);
  first.close();
  send(5);
  // The next one dies without a word.
  const dead = openCopies("pval0", name);
  expect(dead.rings.reduce((sum, { discarded }) => sum + discarded, 0)).toBe(50);
  send(30);
  all += read(dead);
  send(20);
  const gone = await deadProcess();
  takenOverBy(netns.inode, gone);
  send(40);
  expect(showDevices(name)[0]?.statistics.copies.map(({ reader }) => reader)).toEqual(
    Array.from({ length: possibleCpus() }, () => null),
  );
  const last = openCopies("pval0", name);
  send(7);
  all += read(last);
  last.close();
  const { produced, lost, idle } = totals();
  expect(lost).toBeGreaterThan(110);
  expect(produced).toBe(all + lost);
  expect(idle).toBeGreaterThanOrEqual(5);
});

const deadProcess = async (): Promise<ProcessIdentity> => {
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  const identity = processIdentity(child.pid);
  child.kill("SIGKILL");
  await once(child, "exit");
  if (identity === undefined) throw new Error("sleep did not start");
  return identity;
};

/** What a reader that was killed leaves behind. */
const takenOverBy = (netnsInode: number, { pid, startTime }: ProcessIdentity): void => {
  const found = listPins("pval-rx").find(({ place }) => place.netnsInode === netnsInode);
  if (found === undefined) throw new Error("no pins");
  const pins = openPins(found.place);
  const { readers } = copyMaps("rx", possibleCpus(), ringBytesFor(possibleCpus()));
  const stored = pins.map("readers", readers);
  for (let cpu = 0; cpu < possibleCpus(); cpu++) stored.set(cpu, { reading: 1, pid, startTime: BigInt(startTime) });
  pins.close();
};
