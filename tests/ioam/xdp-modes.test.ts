/** Transit at XDP where drivers are not as one would like: large MTUs, and no XDP at all. */
import { execFileSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import type { Topology } from "../../src/lab/topology.ts";
import { addTransit, deleteTransit, showIoam } from "../../src/mark/ioam/control.ts";
import { frame, traceHeader } from "../../src/mark/ioam/conformance/frames.ts";
import { toHex } from "../../src/wire/hex.ts";
import { IoamLab } from "../support/ioam-lab.ts";
import { PacketSocket } from "../../src/linux/packet-socket.ts";

const withMtu =
  (mtu: number) =>
  (topology: Topology): Topology => ({
    ...topology,
    links: topology.links.map(({ ends: [first, second] }) => ({
      ends: [
        { ...first, mtu },
        { ...second, mtu },
      ],
    })),
  });

interface Opened {
  readonly lab: IoamLab;
  /** Sends a frame of so many bytes behind its trace; what comes out at aramis, and what counted it. */
  pass(payload: number): { came: Uint8Array | undefined; way: string };
  transitBy(device: string): ReturnType<typeof addTransit>;
}

const open = (change?: (topology: Topology) => Topology): Opened => {
  const lab = new IoamLab({ xdp: true }, change);
  const netns = `${lab.name}-porthos`;
  const near = new PacketSocket(lab.node("athos"), lab.ifindex("athos", "h_athos"), { protocol: 0 });
  const far = new PacketSocket(lab.node("aramis"), lab.ifindex("aramis", "h_aramis"));
  onTestFinished(() => {
    // Pins outlive their namespace, whose number is given to others.
    for (const { device } of showIoam(netns)) deleteTransit({ device, netns });
    near.close();
    far.close();
    lab.close();
  });
  const counters = (): Readonly<Record<string, bigint>> => showIoam(netns)[0]?.counters ?? {};
  let label = 0;
  return {
    lab,
    transitBy: (device) => addTransit({ device, netns }, { xdp: true }),
    pass(payload) {
      const before = counters();
      const sent = frame({
        hopByHop: traceHeader(),
        sourceMac: "2e:fe:7c:b0:c7:72",
        destinationMac: "2e:fe:7c:b0:c7:21",
        flowLabel: ++label,
        payload: new Uint8Array(payload).fill(0x77),
      });
      near.send(sent);
      let came: Uint8Array | undefined;
      for (
        let next = far.next(2000);
        next !== null && came === undefined;
        next = came === undefined ? far.next(2000) : null
      )
        if (toHex(next, 14, 4) === toHex(sent, 14, 4)) came = next;
      const after = counters();
      const way = Object.keys(after).find((name) => name !== "filled" && after[name] !== before[name]) ?? "none";
      return { came, way };
    },
  };
};

const ENTRY_AT = 54 + 16 + 48 - 16;

/** A frame that came a hop, with this node's entry in it and its bytes as they were. */
const expectWhole = (came: Uint8Array | undefined, payload: number): void => {
  expect(came?.length).toBe(54 + 64 + payload);
  expect([came?.[21], toHex(came!, ENTRY_AT, 4)]).toEqual([63, "0x3f000002"]);
  expect(came!.subarray(54 + 64).every((byte) => byte === 0x77)).toBe(true);
};

test("an MTU of 9000: frames in several buffers are forwarded whole", () => {
  const { transitBy, pass } = open(withMtu(9000));
  expect(transitBy("h_porthos_a")).toEqual({
    xdp: { mode: "native", frags: true, table: false },
    warnings: [],
    changed: false,
  });
  expect(pass(100).way).toBe("confirming");
  for (const payload of [100, 3000, 3600, 8000, 9000 - 40 - 64]) {
    const { came, way } = pass(payload);
    expect(["forwarded", "confirming"]).toContain(way);
    expectWhole(came, payload);
  }
});

test("an interface without XDP in its driver: in the stack, which is said", () => {
  const { lab, transitBy, pass } = open();
  const ip = (words: string): void =>
    void execFileSync("ip", ["-n", `${lab.name}-porthos`, ...words.split(" ")], { stdio: "pipe" });
  // A bridge in the place of h_porthos_a, which becomes its port.
  ip("link add br0 type bridge");
  ip("link set br0 address 2e:fe:7c:b0:c7:21");
  ip("addr del db01::2/64 dev h_porthos_a");
  ip("link set h_porthos_a master br0");
  ip("link set br0 up");
  ip("addr add db01::2/64 dev br0 nodad");
  const { xdp, warnings } = transitBy("br0");
  expect(xdp).toEqual({ mode: "generic", frags: false, table: false });
  expect(warnings).toEqual(["the driver of br0 has no XDP: the program runs in the stack (generic mode), slower"]);
  expect(pass(100).way).toBe("confirming");
  const { came, way } = pass(1000);
  expect(["forwarded", "confirming"]).toContain(way);
  expectWhole(came, 1000);
});
