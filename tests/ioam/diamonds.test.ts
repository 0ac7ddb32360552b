/** Five nodes, two ways, a link that fails: what following shows, with Hopmark's nodes and the kernel's on the same paths. */
import { expect, onTestFinished, test } from "vitest";
import { openSinks } from "../../src/cli/live/open-sinks.ts";
import { moveLine } from "../../src/cli/picture/move-line.ts";
import { plainStyle } from "../../src/cli/framework/style.ts";
import { namesOf } from "../../src/cli/lab-names.ts";
import { lossBetween, type Counted } from "../../src/follow/trace/loss.ts";
import { summarise } from "../../src/follow/trace/summary.ts";
import { TraceFollower } from "../../src/follow/trace/trace-follower.ts";
import { diamonds, labDown, labUp, namespaceName, openNode } from "../../src/lab/index.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";
import { linkByName, setLink } from "../../src/linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink/socket.ts";
import { addEncap, addSink, addTransit, showIoam } from "../../src/mark/ioam/control.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";

const FLOWS = 32;
const PORT = 5300;
const LIMIT_MS = 5000;

const waitFor = async (what: string, isSo: () => boolean): Promise<void> => {
  for (const end = performance.now() + LIMIT_MS; !isSo(); await new Promise((resolve) => setTimeout(resolve, 2))) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
  }
};

/** The lab with IOAM on every node: dartagnan and milady are the kernel's alone. */
const build = () => {
  const name = `hm-diamonds-${process.pid}`;
  const topology = diamonds({ kernelIoam: ["dartagnan", "milady"] });
  onTestFinished(() => void labDown(name));
  const owner = processIdentity();
  const up = (): string[] => labUp(topology, name, owner === undefined ? {} : { owner });
  up();
  const at = (node: string, device: string) => ({ device, netns: namespaceName(name, node) });
  for (const device of ["h_porthos_d", "h_porthos_a"]) addTransit(at("porthos", device));
  for (const device of ["h_aramis_p", "h_aramis_m"]) addSink(at("aramis", device), { e2e: true });
  addEncap(at("athos", "h_athos"), {
    prefix: "db02::/64",
    traceType: 0xfe0000,
    namespaceId: 123,
    // 28 bytes for each of four nodes.
    size: 112,
    frequency: { packets: 1, of: 1 },
    e2e: true,
  });
  const withLink = <T>(
    node: string,
    device: string,
    use: (index: number, socket: ReturnType<typeof openRtnetlink>) => T,
  ): T => {
    const netns = openNode(name, node);
    const socket = openRtnetlink(netns);
    try {
      return use(linkByName(socket, device).index, socket);
    } finally {
      socket.close();
      netns.close();
    }
  };
  return {
    name,
    up,
    names: namesOf(topology),
    setDown: (node: string, device: string) =>
      withLink(node, device, (index, socket) => setLink(socket, index, { up: false })),
    isUp: (node: string, device: string) =>
      withLink(node, device, (_, socket) => linkByName(socket, device).operational),
  };
};

test("flows move when a link fails, and every lost packet is known", { timeout: 60_000 }, async () => {
  const lab = build();
  const sink = openSinks(["h_aramis_p", "h_aramis_m"], namespaceName(lab.name, "aramis"));
  const [athos, aramis] = [openNode(lab.name, "athos"), openNode(lab.name, "aramis")];
  const senders = Array.from({ length: FLOWS }, (_, flow) => new UdpSocket(athos, 20_000 + flow));
  const receiver = new UdpSocket(aramis, PORT);
  onTestFinished(() => {
    for (const socket of [...senders, receiver, sink, athos, aramis]) socket.close();
  });
  const follower = new TraceFollower({ names: lab.names });
  const { statistics } = follower;
  const counted = (): Counted => ({
    encap: showIoam(namespaceName(lab.name, "athos")).map(({ counters }) => counters),
    transit: [],
    sink: sink.counts(),
  });
  const before = counted();
  let delivered = 0;
  /** One packet of every flow; waits until as many as this have come in all. */
  const sendRound = async (expected: number): Promise<void> => {
    for (const [flow, sender] of senders.entries()) sender.send("db02::2", PORT, Uint8Array.of(flow, 1, 2, 3));
    await waitFor(`${expected} packets`, () => {
      sink.reader.poll((view, offset) => follower.take(view, offset));
      delivered += receiver.drain().filter((datagram) => datagram.length === 4).length;
      return statistics.packets >= expected && delivered >= expected;
    });
    expect([statistics.packets, delivered]).toEqual([expected, expected]);
  };

  // Both ways are used, and every flow keeps to one.
  await sendRound(FLOWS);
  await sendRound(2 * FLOWS);
  const byMilady = statistics.flows.busiest(FLOWS).filter(({ path }) => throughMilady(path));
  function throughMilady(path: number): boolean {
    return statistics.paths[path]?.hops.some(({ nodeId }) => nodeId === "5") === true;
  }
  expect(statistics.paths.map(({ hops }) => hops.map(({ nodeId }) => nodeId).join(" ")).toSorted()).toEqual(["1 4 2 3", "1 4 5 3"]); // prettier-ignore
  expect(byMilady.length).toBeGreaterThan(0);
  expect(byMilady.length).toBeLessThan(FLOWS);
  expect(statistics.flows.moves.total).toBe(0);

  // Behind milady the link fails: dartagnan cannot know, and what goes there is lost.
  lab.setDown("milady", "h_milady_a");
  const stillThere = 3 * FLOWS - byMilady.length;
  await sendRound(stillThere);
  expect(lossBetween(before, counted())).toMatchObject({
    sent: 3 * FLOWS,
    received: stillThere,
    lost: byMilady.length,
  });

  // Then the link to milady fails, too: her flows move, and nothing more is lost.
  lab.setDown("milady", "h_milady_d");
  await waitFor("dartagnan to notice", () => !lab.isUp("dartagnan", "h_dart_m"));
  await sendRound(stillThere + FLOWS);
  await sendRound(stillThere + 2 * FLOWS);
  const [move] = statistics.flows.moves.open;
  expect(move).toMatchObject({ flows: byMilady.length, moves: byMilady.length });

  // All is mended: they come back.
  lab.up();
  await waitFor("dartagnan to notice", () => lab.isUp("dartagnan", "h_dart_m"));
  await sendRound(stillThere + 3 * FLOWS);
  follower.end();
  const loss = lossBetween(before, counted());
  const summary = summarise(statistics, loss, {
    seconds: 1,
    transit: null,
    names: lab.names,
    clock: null,
    sharedClock: true,
  });
  expect(summary).toMatchObject({ sent: 6 * FLOWS, lost: byMilady.length, clock: { errorNs: 0 } });
  // Numbers alone say the same, though they came by two interfaces: nothing of athos' counters is needed.
  const byNumbers = lossBetween({ ...before, encap: [] }, { ...counted(), encap: [] });
  const edgeToEdge = {
    received: 6 * FLOWS - byMilady.length,
    lost: byMilady.length,
    duplicated: 0,
    reordered: 0,
    late: 0,
  };
  expect(byNumbers).toMatchObject({ sent: null, lost: byMilady.length, edgeToEdge });
  expect(summary.reasons).toMatchObject({ "trace.moves": 2 * byMilady.length });
  expect(Object.keys(summary.reasons).filter((reason) => reason !== "sink.noOption")).toEqual(["trace.moves"]); // multicast listener reports have none
  const flows = `${byMilady.length} ${byMilady.length === 1 ? "flow" : "flows"}`;
  const texts = summary.moves.map((one) =>
    moveLine(one, plainStyle)
      .replace(/^\S+ /, "")
      .replace(/path \d+/g, "path"),
  );
  const [porthos, milady] = ["porthos", "milady"].map((node) => `path (athos ▶ dartagnan ▶ ${node} ▶ aramis)`);
  expect(texts).toEqual([`${flows} moved from ${milady} to ${porthos}`, `${flows} moved from ${porthos} to ${milady}`]);
  // Every link on either way has its delays, whoever stamped its ends.
  expect(summary.links).toHaveLength(5);
  for (const link of summary.links)
    expect(link).toMatchObject({ delayP99Ns: expect.any(Number) as number, negative: 0 });
});
