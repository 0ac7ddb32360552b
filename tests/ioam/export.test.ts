/** `hopmark ioam export`: nodes report on packets that ask for it, which stay as they are; one reader at a time. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runHopmark, startHopmark } from "../../src/cli/fixtures/program.ts";
import { namespaceName } from "../../src/lab/topology.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { addTransit, deleteExport, deleteTransit, showIoam } from "../../src/mark/ioam/control.ts";
import { exportOption, frame, HOP_BY_HOP_AT, hopByHop, padding } from "../../src/mark/ioam/conformance/frames.ts";
import { toHex } from "../../src/wire/hex.ts";
import { IoamLab } from "../support/ioam-lab.ts";

// The program itself, on machines that have other things to do too.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let lab: IoamLab;
let netns: string;
let near: PacketSocket;
let far: PacketSocket;
beforeAll(async () => {
  lab = new IoamLab();
  netns = namespaceName(lab.name, "porthos");
  near = new PacketSocket(lab.node("athos"), lab.ifindex("athos", "h_athos"), { protocol: 0 });
  far = new PacketSocket(lab.node("aramis"), lab.ifindex("aramis", "h_aramis"));
  lab.onClose(() => {
    near.close();
    far.close();
  });
  const added = await runHopmark(["ioam", "export", "add", "dev", "h_porthos_a", "--netns", netns, "--json"]);
  expect([added.status, JSON.parse(added.stdout)]).toEqual([0, { kind: "export", device: "h_porthos_a" }]);
});
afterAll(() => {
  for (const { device } of showIoam(netns)) deleteExport({ device, netns });
  lab.close();
});

const packet = (sequence: number): Uint8Array =>
  frame({
    hopByHop: hopByHop([
      padding(2),
      exportOption({ traceType: 0xc00000, extensionFlags: 0xc0, extensions: [7, sequence] }),
    ]),
    payload: new Uint8Array(8),
    sourceMac: "2e:fe:7c:b0:c7:72",
    destinationMac: "2e:fe:7c:b0:c7:21",
  });
const counts = (device = "h_porthos_a"): Record<string, bigint> =>
  showIoam(netns).find((status) => status.kind === "export" && status.device === device)!.counters;

/** Sends until a line of the reader's comes. */
const firstLine = async (reader: ReturnType<typeof startHopmark>, sequence: number): Promise<unknown> => {
  const sending = setInterval(() => near.send(packet(sequence)), 50);
  const [line] = await reader.lines(1).finally(() => clearInterval(sending));
  return JSON.parse(line!);
};
const startReader = () => startHopmark(["ioam", "export", "--netns", netns, "--json"]);

test("reports while somebody reads, and the packet comes through as it was", async () => {
  near.send(packet(8));
  let came = far.next(2000);
  while (came !== null && came.length !== packet(8).length) came = far.next(2000);
  expect(toHex(came!, HOP_BY_HOP_AT)).toBe(toHex(packet(8), HOP_BY_HOP_AT));
  // The packet is there, so it was counted.
  expect(counts()).toMatchObject({ received: 1n, segments: 1n, idle: 1n, exported: 0n });
  const reader = startReader();
  expect(await firstLine(reader, 9)).toMatchObject({
    device: "h_porthos_a",
    arrived: true,
    left: false,
    source: "db01::1",
    destination: "db02::2",
    namespaceId: 123,
    traceType: "0xc00000",
    flowId: 7,
    sequence: 9,
    hop: { nodeId: 2, ingressId: 21, egressId: null, hopLimit: 63 },
  });
  const second = await runHopmark(["ioam", "export", "--netns", netns]);
  expect(second.status).not.toBe(0);
  expect(second.stderr).toContain("another process reads the reports of h_porthos_a already");

  // Killed: what it had not read is dropped by the next one, and counted.
  reader.child.kill("SIGKILL");
  await reader.ended;
  const before = counts()["received"]!;
  for (let sequence = 0; sequence < 5; sequence++) near.send(packet(100 + sequence));
  await vi.waitFor(() => expect(counts()["received"]).toBe(before + 5n), 5000);
  const next = startReader();
  expect(await firstLine(next, 10)).toMatchObject({ sequence: 10 });
  expect(counts()["discarded"]).toBeGreaterThanOrEqual(5n);
  next.child.kill("SIGINT");
  expect((await next.ended).stderr).toMatch(/^\d+ reports that an earlier reader left are dropped\n$/);
  // Says itself that nobody reads any more.
  const [idle, received] = [counts()["idle"]!, counts()["received"]!];
  near.send(packet(11));
  await vi.waitFor(() => expect(counts()).toMatchObject({ idle: idle + 1n, received: received + 1n }), 5000);
});

test("refusals, and what is shown and kept", async () => {
  const run = (...words: string[]) => runHopmark([...words, "--netns", netns]);
  expect(await run("ioam", "export", "add", "dev", "h_porthos_a")).toMatchObject({ status: 2 });
  const none = await run("ioam", "export", "dev", "h_porthos_b");
  expect([none.status, none.stderr]).toMatchObject([2, expect.stringContaining("h_porthos_b does not export")]);
  const gone = await run("ioam", "export", "delete", "dev", "h_porthos_b");
  expect([gone.status, gone.stderr]).toMatchObject([2, expect.stringContaining("h_porthos_b has no ioam export")]);
  expect((await run("ioam", "show")).stdout).toMatch(/^export dev h_porthos_a\n {4}exported \d+ {2}received \d+/m);
  expect((await run("persist")).stdout).toContain("\nioam export add dev h_porthos_a\n");
});

test("behind transit at XDP: what asks for reports is forwarded by the stack, which has more to tell", async () => {
  const incoming = { device: "h_porthos_a", netns };
  deleteExport(incoming);
  addTransit(incoming, { xdp: true });
  try {
    // Its packets leave by XDP, past this one.
    const only = await runHopmark(["ioam", "export", "add", "dev", "h_porthos_b", "--netns", netns]);
    expect(only.stderr).toContain(
      "packets that come in by h_porthos_a leave by h_porthos_b unseen: transit at XDP forwards them past it; type: hopmark ioam export add dev h_porthos_a",
    );
    expect(await runHopmark(["ioam", "export", "add", "dev", "h_porthos_a", "--netns", netns])).toMatchObject({
      status: 0,
      stderr: "",
    });
    const reader = startReader();
    expect(await firstLine(reader, 12)).toMatchObject({
      device: "h_porthos_a",
      arrived: true,
      left: true,
      sequence: 12,
      hop: { nodeId: 2, ingressId: 21, egressId: 22, hopLimit: 63 },
    });
    reader.child.kill("SIGINT");
    await reader.ended;
  } finally {
    deleteTransit(incoming);
  }
});
