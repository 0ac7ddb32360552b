/** `fibLookup`: real routes and neighbours in a namespace, and the answers that tests give. */
import { expect, onTestFinished, test } from "vitest";
import { load } from "../../src/bpf/instance.ts";
import { skbTestContext, xdpTestContext } from "../../src/bpf/test-run.ts";
import { compile } from "../../src/compiler/compile.ts";
import { noRoute } from "../../src/kernel/environment.ts";
import { Fib } from "../../src/kernel/fib.ts";
import { SimulatedMaps } from "../../src/kernel/simulate/simulated-maps.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import { temporaryRtnetlink } from "../../src/linux/fixtures/temporary-netns.ts";
import { addAddress } from "../../src/linux/rtnetlink/addresses.ts";
import { createVeth, linkByName, setLink } from "../../src/linux/rtnetlink/links.ts";
import { setNeighbour } from "../../src/linux/rtnetlink/neighbours.ts";
import { addRoute } from "../../src/linux/rtnetlink/routes.ts";
import { writeSysctl } from "../../src/linux/sysctl.ts";
import { addressBytes, mac } from "../../src/wire/address.ts";
import { toHex } from "../../src/wire/hex.ts";
import { Twin } from "../support/twin.ts";
import { code, egress, forwardIpv4, forwardIpv6, mtu } from "./programs/routes.bpf.ts";

const GATEWAY = "02:00:00:00:00:99";

/** A router: 10.1.0.1 and fd01::1 on `in`, 10.2.0.1 and fd02::1 on `out`, gateways at the end of it. */
const router = () => {
  const { netns, route } = temporaryRtnetlink();
  createVeth(route, { name: "in" }, { name: "in-far" });
  createVeth(route, { name: "out", mtu: 1400 }, { name: "out-far", mtu: 1400 });
  for (const name of ["in", "in-far", "out", "out-far"]) setLink(route, linkByName(route, name).index, { up: true });
  const [from, to] = [linkByName(route, "in"), linkByName(route, "out")];
  for (const [link, host] of [
    [from, 1],
    [to, 2],
  ] as const) {
    addAddress(route, link.index, `10.${host}.0.1/24`);
    addAddress(route, link.index, `fd0${host}::1/64`, { duplicateDetection: false });
  }
  writeSysctl(netns, "net/ipv4/ip_forward", 1);
  writeSysctl(netns, "net/ipv6/conf/all/forwarding", 1);
  setNeighbour(route, to.index, "10.2.0.9", GATEWAY);
  setNeighbour(route, to.index, "fd02::9", GATEWAY);
  addRoute(route, { destination: "10.9.0.0/16", gateway: "10.2.0.9" });
  addRoute(route, { destination: "fd09::/32", gateway: "fd02::9" });
  return { netns, from, to };
};

const ipv4Packet = (destination: string, length = 40): Uint8Array => {
  const frame = new Uint8Array(14 + 40);
  frame.set([0x08, 0], 12);
  frame.set([0x45, 0, length >> 8, length & 0xff], 14);
  frame.set([64, 17], 22);
  frame.set(addressBytes("ipv4", "10.1.0.7"), 26);
  frame.set(addressBytes("ipv4", destination), 30);
  return frame;
};

const ipv6Packet = (destination: string, length = 0): Uint8Array => {
  const frame = new Uint8Array(14 + 40);
  frame.set([0x86, 0xdd, 0x60, 0, 0, 0, length >> 8, length & 0xff, 17, 64], 12);
  frame.set(addressBytes("ipv6", "fd01::7"), 22);
  frame.set(addressBytes("ipv6", destination), 38);
  return frame;
};

test("the kernel's routes and neighbours, IPv4 at XDP, and V8's table of the same", () => {
  const { netns, from, to } = router();
  const program = load(compile(forwardIpv4));
  onTestFinished(() => program.close());
  const routes = [
    {
      prefix: "10.9.0.0/16",
      ifindex: to.index,
      nextHop: "10.2.0.9",
      sourceMac: to.mac,
      destinationMac: GATEWAY,
      mtu: 1400,
    },
    { prefix: "10.2.0.0/24", code: Fib.NoNeigh },
    { prefix: "10.1.0.1", code: Fib.NotFwded },
  ];
  const both = (packet: Uint8Array) => {
    const context = xdpTestContext(packet.length, { ingressIfindex: from.index });
    const kernel = program.testRun(packet, { netns, context });
    const maps = new SimulatedMaps();
    const v8 = simulate(forwardIpv4, { packet, maps, context: { ifindex: from.index }, environment: { routes } });
    const answer = [code, egress, mtu].map((variable) => program.map(variable).value);
    expect([code, egress, mtu].map((variable) => maps.map(variable).value).slice(0, 1)).toEqual(answer.slice(0, 1));
    expect([v8.verdict, toHex(v8.packet)]).toEqual([kernel.verdict, toHex(Uint8Array.from(kernel.packet))]);
    return { ...kernel, answer };
  };
  const forwarded = both(ipv4Packet("10.9.8.7"));
  expect([forwarded.verdict, ...forwarded.answer]).toEqual([3, Fib.Success, to.index, 1400]);
  expect(toHex(forwarded.packet.slice(0, 12))).toBe(
    toHex(addressBytes("mac", GATEWAY)) + toHex(addressBytes("mac", to.mac)).slice(2),
  );
  expect(both(ipv4Packet("10.2.0.77")).answer[0]).toBe(Fib.NoNeigh);
  expect(both(ipv4Packet("10.77.0.1")).answer[0]).toBe(Fib.NotFwded);
  expect(both(ipv4Packet("10.1.0.1")).answer[0]).toBe(Fib.NotFwded);
  const long = program.testRun(ipv4Packet("10.9.8.7", 1401), {
    netns,
    context: xdpTestContext(54, { ingressIfindex: from.index }),
  });
  expect([long.verdict, program.map(code).value, program.map(mtu).value]).toEqual([2, Fib.FragNeeded, 1400]);
});

test("the kernel's routes and neighbours, IPv6 at tc", () => {
  const { netns, to } = router();
  const program = load(compile(forwardIpv6));
  onTestFinished(() => program.close());
  const run = (packet: Uint8Array) =>
    program.testRun(packet, { netns, context: skbTestContext({ ifindex: to.index, mark: to.index }) });
  const forwarded = run(ipv6Packet("fd09::1234"));
  expect([forwarded.verdict, program.map(code).value, program.map(egress).value]).toEqual([10, Fib.Success, to.index]);
  const gateway = toHex(addressBytes("ipv6", "fd02::9")).slice(2);
  expect(toHex(forwarded.packet.slice(22))).toBe(`0x${gateway}${gateway}`);
  expect(toHex(forwarded.packet.slice(0, 6))).toBe(toHex(addressBytes("mac", GATEWAY)));
  run(ipv6Packet("fd09::1234", 1400));
  expect(program.map(code).value).toBe(Fib.FragNeeded);
});

test("a test build answers from the environment map", () => {
  const twin = new Twin(forwardIpv6);
  onTestFinished(() => twin.close());
  const route = {
    ...noRoute,
    code: Fib.Success,
    ifindex: 7,
    mtu: 1280,
    sourceMac: mac("02:00:00:00:00:07"),
    destinationMac: mac(GATEWAY),
    nextHop6: "fe80::9" as typeof noRoute.nextHop6,
  };
  const packet = ipv6Packet("fd09::1234");
  expect(twin.run(packet, { environment: { route } }).verdict).toBe(10);
  expect([twin.kernel.map(egress).value, twin.maps.map(egress).value]).toEqual([7, 7]);
  expect(twin.run(packet).verdict).toBe(0);
  expect(twin.kernel.map(code).value).toBe(Fib.NotFwded);
});

test("V8 asks a function, and a table's longest prefix", () => {
  const packet = ipv4Packet("10.9.8.7", 1401);
  const asked: unknown[] = [];
  const environment = {
    routes: (query: object) => {
      asked.push(query);
      return { nextHop: "fe80::1", ifindex: 3 };
    },
  };
  expect(simulate(forwardIpv4, { packet, context: { ifindex: 5 }, environment }).verdict).toBe(3);
  expect(asked).toEqual([{ source: "10.1.0.7", destination: "10.9.8.7", ifindex: 5, length: 1401, protocol: 17 }]);
  const routes = [
    { prefix: "10.9.8.0/24", ifindex: 4 },
    { prefix: "0.0.0.0/0", ifindex: 5 },
  ];
  const { maps } = simulate(forwardIpv4, { packet, environment: { routes } });
  expect(maps.map(egress).value).toBe(4);
});
