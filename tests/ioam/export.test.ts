/** `hopmark ioam export`: a node's reports on packets that ask for them, which stay as they are. */
import { expect, onTestFinished, test } from "vitest";
import { runHopmark, startHopmark } from "../../src/cli/fixtures/program.ts";
import { namespaceName } from "../../src/lab/topology.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";
import { exportOption, frame, HOP_BY_HOP_AT, hopByHop, padding } from "../../src/mark/ioam/conformance/frames.ts";
import { toHex } from "../../src/wire/hex.ts";
import { IoamLab } from "../support/ioam-lab.ts";

test("reports while it runs, and the packet comes through as it was", { timeout: 60_000 }, async () => {
  const lab = new IoamLab();
  onTestFinished(() => lab.close());
  const near = new PacketSocket(lab.node("athos"), lab.ifindex("athos", "h_athos"), { protocol: 0 });
  const far = new PacketSocket(lab.node("aramis"), lab.ifindex("aramis", "h_aramis"));
  lab.onClose(() => {
    near.close();
    far.close();
  });
  const option = exportOption({ traceType: 0xc00000, extensionFlags: 0xc0, extensions: [7, 9] });
  const given = frame({
    hopByHop: hopByHop([padding(2), option]),
    payload: new Uint8Array(8),
    sourceMac: "2e:fe:7c:b0:c7:72",
    destinationMac: "2e:fe:7c:b0:c7:21",
  });
  const netns = namespaceName(lab.name, "porthos");
  const running = startHopmark(["ioam", "export", "dev", "h_porthos_a", "--netns", netns, "--json"]);
  // Until it is there to see one.
  const sending = setInterval(() => near.send(given), 100);
  const [line] = await running.lines(1).finally(() => clearInterval(sending));
  expect(JSON.parse(line!)).toMatchObject({
    device: "h_porthos_a",
    source: "db01::1",
    destination: "db02::2",
    namespaceId: 123,
    traceType: "0xc00000",
    flowId: 7,
    sequence: 9,
    hop: { nodeId: 2, ingressId: 21, egressId: null, hopLimit: 63 },
  });
  let came = far.next(2000);
  while (came !== null && came.length !== given.length) came = far.next(2000);
  expect(toHex(came!, HOP_BY_HOP_AT)).toBe(toHex(given, HOP_BY_HOP_AT));
  running.child.kill("SIGINT");
  expect(await running.ended).toMatchObject({ stderr: "" });
  expect(await runHopmark(["ioam", "export", "dev", "nosuch0", "--netns", netns])).toMatchObject({ status: 2 });
});
