/** What an interface receives and sends, as it comes, beside tcpdump. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { vethPair } from "../../src/bpf/fixtures/veth.ts";
import { startHopmark } from "../../src/cli/fixtures/program.ts";
import { openCapture } from "../../src/follow/capture/open-capture.ts";
import { recorderFor } from "../../src/follow/capture/packet-recorder.ts";
import { Direction } from "../../src/follow/capture/batch.ts";
import { temporaryNetns } from "../../src/linux/fixtures/temporary-netns.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { LinkType } from "../../src/wire/numbers.ts";
import { four, frame, payload, six, udp } from "../golden/captures/build.ts";

/** Everything that comes until `count` packets are there; then what was counted. */
const take = async (source: Parameters<typeof openCapture>[0], count: number, traffic: () => void) => {
  using capture = await openCapture(source);
  traffic();
  const seen = [];
  for await (const frame of capture.packets()) {
    seen.push(frame);
    if (seen.length === count) break;
  }
  return { seen, interfaces: capture.interfaces, counts: capture.counts() };
};

const protocols = (
  seen: readonly { readonly packet: { readonly layers: readonly { readonly protocol: string }[] } }[],
) => seen.map(({ packet }) => packet.layers.map(({ protocol }) => protocol).join(" "));

test("pings, both ways, with their directions and times", async () => {
  const { west } = vethPair();
  const before = Date.now() / 1000;
  const { seen, interfaces, counts } = await take({ device: "west", netns: west.netns.label }, 6, () => west.ping(3));
  expect(new Set(protocols(seen))).toEqual(new Set(["ethernet ipv4 icmp payload"]));
  expect(seen.map(({ direction }) => direction)).toEqual([1, 2, 3].flatMap(() => [Direction.Out, Direction.In]));
  for (const { seconds } of seen) expect(Math.abs(seconds - before)).toBeLessThan(60);
  expect(interfaces).toMatchObject([{ name: "west", linkType: LinkType.Ethernet }]);
  expect(counts).toMatchObject({ lost: 0, read: 6 });
});

test("on a loopback every packet is there once; on any with its interface", async () => {
  const { name } = temporaryNetns();
  execFileSync("ip", ["-n", name, "link", "set", "lo", "up"]);
  const ping = (): void => void execFileSync("ip", ["netns", "exec", name, "ping", "-c2", "-i0.01", "127.0.0.1"]);
  const own = await take({ device: "lo", netns: name }, 4, ping);
  expect(protocols(own.seen)).toEqual(Array.from({ length: 4 }, () => "ethernet ipv4 icmp payload"));
  const all = await take({ device: "any", netns: name }, 8, ping);
  expect(all.interfaces).toMatchObject([{ linkType: LinkType.LinuxCooked2 }]);
  expect(protocols(all.seen)[0]).toBe("linux-cooked-2 ipv4 icmp payload");
  expect(all.seen[0]?.packet.layers[0]).toMatchObject({ header: { interfaceIndex: 1, hardwareType: 772 } });
});

test("VLAN tags are where they were on the wire", async () => {
  const { west, east } = vethPair();
  const tagged = [
    frame({ protocol: "vlan", header: { id: 77, priority: 5 } }, four, udp(), payload(30)),
    frame({ protocol: "vlan", header: { id: 5 } }, { protocol: "vlan", header: { id: 6 } }, six, udp(), payload(30)),
  ];
  const socket = new PacketSocket(west.netns, west.ifindex, { protocol: 0 });
  onTestFinished(() => socket.close());
  const { seen } = await take({ device: "east", netns: east.netns.label }, 2, () => {
    for (const bytes of tagged) socket.send(bytes);
  });
  expect(seen.map(({ packet }) => Buffer.from(packet.bytes))).toEqual(tagged.map((bytes) => Buffer.from(bytes)));
});

test.each(["pcap", "pcapng"])(
  "what is written to a file is what came, byte for byte, whatever its length: %s",
  async (format) => {
    const { west, east } = vethPair();
    const sent = Array.from({ length: 300 }, (_, index) =>
      index % 5 === 0
        ? frame({ protocol: "vlan", header: { id: 77 } }, four, udp(), payload(index))
        : frame(four, udp(), payload(index)),
    );
    const path = join(mkdtempSync(join(tmpdir(), "hopmark-live-")), `seen.${format}`);
    onTestFinished(() => rmSync(dirname(path), { recursive: true }));
    const recorder = recorderFor(path, "test");
    using capture = await openCapture({ device: "east", netns: east.netns.label, filter: "udp" }, { marks: true });
    const socket = new PacketSocket(west.netns, west.ifindex, { protocol: 0 });
    for (const bytes of sent) socket.send(bytes);
    socket.close();
    capture.stop();
    for await (const batch of capture.batches()) recorder.addAll(batch, capture.interfaces);
    recorder.finish(capture.counts(), capture.interfaces);
    writeFileSync(path, recorder.take());
    using written = await openCapture(path);
    const seen = [];
    for await (const { packet } of written.packets()) seen.push(Buffer.from(packet.bytes));
    expect(seen).toEqual(sent.map((bytes) => Buffer.from(bytes)));
    expect(written.remark()).toBeNull();
  },
);

describe("the command", () => {
  test("prints what comes, and at the end what was captured, received and dropped", async () => {
    const { west } = vethPair();
    const running = startHopmark(["dump", "-ni", "west", "--netns", west.netns.label, "icmp[icmptype] == icmp-echo"]);
    await running.says(/listening/);
    west.ping(3);
    const lines = await running.lines(3);
    running.child.kill("SIGINT");
    const { status, stderr } = await running.ended;
    for (const line of lines)
      expect(line).toMatch(/ IP 10\.77\.0\.1 > 10\.77\.0\.2: ICMP echo request, id \d+, seq \d+, length \d+$/);
    expect(stderr).toMatch(/listening on west, link-type Ethernet, snapshot length 262144 bytes\n/);
    expect(stderr).toMatch(/\n3 packets captured\n3 packets received by filter\n0 packets dropped by kernel\n$/);
    expect(status).toBe(0);
  });

  test("names the interfaces that packets on any come by, as tcpdump does", async () => {
    const { west } = vethPair();
    const running = startHopmark(["dump", "-nleti", "any", "--netns", west.netns.label, "icmp[icmptype] == icmp-echo"]);
    onTestFinished(() => void running.child.kill());
    await running.says(/listening/);
    const tcpdump = spawn(
      "ip",
      `netns exec ${west.netns.label} tcpdump -nleti any -c 1 icmp[icmptype]==icmp-echo`.split(" "),
    );
    onTestFinished(() => void tcpdump.kill());
    const ended = once(tcpdump, "close");
    let theirs = "";
    tcpdump.stdout.setEncoding("utf8").on("data", (part: string) => (theirs += part));
    while (!String(await once(tcpdump.stderr, "data")).includes("listening")) continue;
    west.ping(1);
    const [ours] = await running.lines(1);
    await ended;
    expect(`${ours}\n`).toBe(theirs);
    expect(ours).toMatch(/^west  Out /);
    running.child.kill("SIGINT");
    await running.ended;
  });
});

/** As fast as they go, of 442 bytes each. */
const flood = (from: ReturnType<typeof vethPair>["west"], packets: number): void => {
  const socket = new PacketSocket(from.netns, from.ifindex, { protocol: 0 });
  const bytes = frame(four, udp(), payload(400));
  for (let n = 0; n < packets; n++) socket.send(bytes);
  socket.close();
};

test("under overload every packet was read, or is counted as lost", async () => {
  const { west, east } = vethPair();
  using capture = await openCapture({ device: "east", netns: east.netns.label, bufferBytes: 1 << 19, filter: "udp" });
  const sent = 20_000;
  flood(west, sent);
  capture.stop();
  let read = 0;
  for await (const { count } of capture.batches()) read += count;
  const { lost, produced } = capture.counts();
  expect(lost).toBeGreaterThan(0);
  expect({ read: read + (lost ?? 0), produced }).toEqual({ read: sent, produced: sent });
});

test("timers and signals have their turn while packets are always there", async () => {
  const { west, east } = vethPair();
  using capture = await openCapture({ device: "east", netns: east.netns.label, filter: "udp" });
  const sent = 20_000;
  flood(west, sent);
  let read = 0;
  let readThen = 0;
  setTimeout(() => {
    readThen = read;
    capture.stop();
  }, 5);
  for await (const { count } of capture.batches()) {
    read += count;
    for (const end = performance.now() + 3; performance.now() < end;);
  }
  expect(readThen).toBeGreaterThan(0);
  expect(readThen).toBeLessThan(sent / 2);
  expect(capture.counts()).toMatchObject({ read: sent, lost: 0, produced: sent });
});

test("refused: no such interface, a wrong filter", async () => {
  const { name } = temporaryNetns();
  await expect(openCapture({ device: "nosuch", netns: name })).rejects.toThrow(
    `there is no interface nosuch in ${name}`,
  );
  await expect(openCapture({ device: "lo", netns: name, filter: "vlan 5" })).rejects.toThrow(/asks for VLAN tags/);
  await expect(openCapture({ device: "lo", netns: name, filter: "tcp prot" })).rejects.toThrow(
    /the filter "tcp prot" is wrong/,
  );
});
