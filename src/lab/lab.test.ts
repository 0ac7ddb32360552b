import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { startScript } from "../linux/fixtures/run-script.ts";
import { temporaryNetns } from "../linux/fixtures/temporary-netns.ts";
import { readOffloads } from "../linux/ethtool.ts";
import { Ioam6 } from "../linux/genetlink/ioam6.ts";
import { createNetns, deleteNetns, listNetns, netnsInode } from "../linux/netns.ts";
import { processIdentity } from "../linux/process-identity.ts";
import type { ProcessIdentity } from "../linux/process-identity.ts";
import { addAddress, deleteAddress } from "../linux/rtnetlink/addresses.ts";
import { deleteLink, linkByName, setLink } from "../linux/rtnetlink/links.ts";
import { deleteNeighbour } from "../linux/rtnetlink/neighbours.ts";
import { deleteRoute, routes, setRouteMtu } from "../linux/rtnetlink/routes.ts";
import { openRtnetlink } from "../linux/rtnetlink/socket.ts";
import type { NetlinkSocket } from "../linux/netlink/socket.ts";
import { readSysctl, writeSysctl } from "../linux/sysctl.ts";
import { withNetns } from "../linux/with-netns.ts";
import { spawnOnNode } from "./exec.ts";
import { labDown, labList, labUp, openNode, reapDead } from "./lab.ts";
import { REGISTRY_DIRECTORY } from "./registry-directory.ts";
import { musketeers } from "./topologies/musketeers.ts";
import { pair } from "./topologies/pair.ts";

let count = 0;

/** A name for one test's lab, which is down when the test has finished. */
function labName(): string {
  const name = `hmlab-${process.pid}-${count++}`;
  onTestFinished(() => void labDown(name));
  return name;
}

function onNode<T>(lab: string, node: string, run: (route: NetlinkSocket) => T): T {
  const netns = openNode(lab, node);
  const route = openRtnetlink(netns);
  try {
    return run(route);
  } finally {
    route.close();
    netns.close();
  }
}

function command(lab: string, node: string, file: string, ...args: string[]): string {
  const netns = openNode(lab, node);
  try {
    return withNetns(netns, () => execFileSync(file, args, { encoding: "utf8" }));
  } finally {
    netns.close();
  }
}

const ping = (lab: string, from: string, to: string) => command(lab, from, "ping", "-c1", "-W1", to);
const namespacesOf = (lab: string) => listNetns().filter((name) => name.startsWith(lab));

test("the musketeers' packets flow at once, and everything is as described", () => {
  const lab = labName();
  const changes = labUp(musketeers({ routeMtu: 1396, kernelIoam: ["porthos"] }), lab);
  expect(changes).toContain(`namespace ${lab}-athos`);
  expect(ping(lab, "athos", "db02::2")).toContain("1 received");
  expect(ping(lab, "aramis", "db01::1")).toContain("ttl=63");

  expect(command(lab, "athos", "ip", "-6", "route", "show", "db02::/64")).toContain("via db01::2 dev h_athos");
  expect(command(lab, "athos", "ip", "-6", "route", "show", "db02::/64")).toContain("mtu 1396");
  expect(command(lab, "athos", "ip", "link", "show", "h_athos")).toContain("2e:fe:7c:b0:c7:72");
  expect(command(lab, "athos", "ip", "ioam", "namespace", "show")).toContain(
    "namespace 123 [schema 7], data 0xdeadbeef, wide 0xdeadbeefcafedeca",
  );
  expect(command(lab, "aramis", "ip", "ioam", "namespace", "show")).toBe("namespace 123\n");
  const sysctl = (node: string, key: string) => {
    const netns = openNode(lab, node);
    try {
      return readSysctl(netns, key);
    } finally {
      netns.close();
    }
  };
  expect(["athos", "porthos", "aramis"].map((node) => sysctl(node, "net/ipv6/ioam6_id"))).toEqual(["1", "2", "3"]);
  const ends = [
    ["athos", "h_athos"],
    ["porthos", "h_porthos_a"],
    ["porthos", "h_porthos_b"],
    ["aramis", "h_aramis"],
  ] as const;
  expect(ends.map(([node, device]) => sysctl(node, `net/ipv6/conf/${device}/ioam6_id`))).toEqual([
    "11",
    "21",
    "22",
    "31",
  ]);
  expect(ends.map(([node, device]) => sysctl(node, `net/ipv6/conf/${device}/ioam6_enabled`))).toEqual([
    "0",
    "1",
    "1",
    "0",
  ]);
  for (const [node, device] of ends) {
    const offloads = onNode(lab, node, (route) => readOffloads(route, device));
    expect([offloads.get("tx")?.state, offloads.get("tso")?.state, offloads.get("gso")?.state]).toEqual([
      "off",
      "off",
      "off",
    ]);
  }
});

test("a link has the queues that it is given", () => {
  const lab = labName();
  const { nodes, links } = pair();
  labUp({ nodes, links: links.map((link) => ({ ...link, queues: 3 })) }, lab);
  expect(onNode(lab, "right", (route) => linkByName(route, "h_right").queues)).toEqual({ receive: 3, transmit: 3 });
});

test("up twice changes nothing", () => {
  const lab = labName();
  labUp(musketeers(), lab);
  const inode = netnsInode(`${lab}-athos`);
  expect(labUp(musketeers(), lab)).toEqual([]);
  expect(netnsInode(`${lab}-athos`)).toBe(inode);
});

test("up again repairs what was broken, and only that", () => {
  const lab = labName();
  labUp(musketeers(), lab);
  onNode(lab, "athos", (route) => {
    const { index } = linkByName(route, "h_athos");
    deleteRoute(route, { destination: "db02::/64" });
    deleteNeighbour(route, index, "db01::2");
    setLink(route, index, { mtu: 1400 });
    addAddress(route, index, "db0f::1/64");
  });
  const netns = openNode(lab, "porthos");
  onTestFinished(() => netns.close());
  writeSysctl(netns, "net/ipv6/conf/all/forwarding", 0);
  const ioam = new Ioam6(netns);
  ioam.deleteNamespace(123);
  ioam.close();
  onNode(lab, "aramis", (route) => deleteAddress(route, linkByName(route, "h_aramis").index, "db02::2/64"));
  expect(labUp(musketeers(), lab).toSorted()).toEqual([
    "aramis/h_aramis address db02::2/64",
    "athos route db02::/64",
    "athos/h_athos mtu 1500",
    "athos/h_athos neighbour db01::2",
    "porthos IOAM namespace 123",
    "porthos net/ipv6/conf/all/forwarding = 1",
  ]);
  expect(ping(lab, "athos", "db02::2")).toContain("1 received");
});

test("up again makes a lost link and a lost namespace anew", () => {
  const lab = labName();
  labUp(musketeers(), lab);
  onNode(lab, "aramis", (route) => deleteLink(route, linkByName(route, "h_aramis").index));
  expect(labUp(musketeers(), lab)).toContain("link porthos/h_porthos_b to aramis/h_aramis");
  expect(ping(lab, "athos", "db02::2")).toContain("1 received");
  execFileSync("ip", ["netns", "del", `${lab}-aramis`]);
  expect(
    labList()
      .find(({ name }) => name === lab)
      ?.nodes.map((node) => node.present),
  ).toEqual([true, true, false]);
  expect(() => openNode(lab, "aramis")).toThrow(`node aramis of lab ${lab} is gone`);
  expect(labUp(musketeers(), lab)).toContain(`namespace ${lab}-aramis`);
  expect(ping(lab, "athos", "db02::2")).toContain("1 received");
});

test("up again leaves a route's MTU alone that somebody lowered", () => {
  const lab = labName();
  labUp(musketeers(), lab);
  const find = (route: NetlinkSocket) => routes(route).find((entry) => entry.destination === "db02::/64");
  onNode(lab, "athos", (route) => {
    const entry = find(route);
    if (entry === undefined) throw new Error("no such route");
    setRouteMtu(route, entry, 1300);
  });
  expect(labUp(musketeers(), lab)).toEqual([]);
  expect(onNode(lab, "athos", find)?.mtu).toBe(1300);
});

test("down removes everything, twice is fine", () => {
  const lab = labName();
  labUp(pair(), lab);
  expect(ping(lab, "left", "10.0.0.2")).toContain("1 received");
  expect(namespacesOf(lab)).toHaveLength(2);
  expect(labDown(lab)).toBe(true);
  expect(labDown(lab)).toBe(false);
  expect(namespacesOf(lab)).toEqual([]);
  expect(existsSync(`${REGISTRY_DIRECTORY}/${lab}.json`)).toBe(false);
  expect(labList().map(({ name }) => name)).not.toContain(lab);
});

test("down removes the links even while a process holds a namespace", async () => {
  const lab = labName();
  labUp(pair(), lab);
  const left = openNode(lab, "left");
  onTestFinished(() => left.close());
  labDown(lab);
  const route = openRtnetlink(left);
  expect(() => linkByName(route, "h_left")).toThrow("ENODEV");
  route.close();
});

test("a foreign namespace in the way is refused and not touched", () => {
  const lab = labName();
  const foreign = `${lab}-right`;
  createNetns(foreign).close();
  onTestFinished(() => void deleteNetns(foreign));
  const inode = netnsInode(foreign);
  expect(() => labUp(pair(), lab)).toThrow(`network namespace ${foreign} exists and does not belong to a lab`);
  expect(namespacesOf(lab)).toEqual([foreign]);
  expect(labDown(lab)).toBe(false);
  expect(netnsInode(foreign)).toBe(inode);
});

test("a namespace that took the name of one of ours is not removed", () => {
  const lab = labName();
  labUp(pair(), lab);
  const name = `${lab}-left`;
  execFileSync("ip", ["netns", "del", name]);
  // keep the old namespace's number busy, or the new one may get it
  const spare = temporaryNetns();
  execFileSync("ip", ["netns", "add", name]);
  onTestFinished(() => void deleteNetns(name));
  const inode = netnsInode(name);
  expect(inode).not.toBe(spare.inode);
  const registered = labList().find((state) => state.name === lab)?.nodes[0];
  if (registered?.inode === inode) return; // the kernel gave the number again: then it cannot be told
  expect(labDown(lab)).toBe(true);
  expect(netnsInode(name)).toBe(inode);
});

test("a lab that fails half-way is taken down again", () => {
  const lab = labName();
  const broken = { ...pair(), nodes: { ...pair().nodes, right: { sysctls: { "net/ipv6/no_such": 1 } } } };
  expect(() => labUp(broken, lab)).toThrow("sysctl net/ipv6/no_such");
  expect(namespacesOf(lab)).toEqual([]);
  expect(labDown(lab)).toBe(false);
});

const { left } = pair().nodes;
test.each([
  ["a link to nowhere", { nodes: { one: {} }, links: pair().links }, "there is no node left"],
  [
    "a link without queues",
    { ...pair(), links: pair().links.map((link) => ({ ...link, queues: 0 })) },
    "link left/h_left to right/h_right: 0 queues",
  ],
  ["no nodes", { nodes: {}, links: [] }, "has no nodes"],
  ["a bad node name", { nodes: { "a/b": {} }, links: [] }, '"a/b" is not a name for a node'],
  ["a device twice", { ...pair(), links: [...pair().links, ...pair().links] }, "left/h_left is the end of two links"],
  [
    "a route over nothing",
    { ...pair(), nodes: { ...pair().nodes, left: { ...left, routes: [{ destination: "::/0", device: "eth9" }] } } },
    "there is no device eth9",
  ],
])("%s is refused before anything is made", (_, topology, message) => {
  const lab = labName();
  expect(() => labUp(topology, lab)).toThrow(ConfigError);
  expect(() => labUp(topology, lab)).toThrow(message);
  expect(namespacesOf(lab)).toEqual([]);
});

test("a bad lab name is refused", () => {
  expect(() => labUp(pair(), "../up")).toThrow(ConfigError);
  expect(() => labDown("a b")).toThrow(ConfigError);
});

test("the labs of the dead are reaped, those of the living and the persistent are not", async () => {
  const [owned, persistent] = [labName(), labName()];
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  labUp(pair(), owned, { owner: identityOf(child.pid) });
  labUp(pair(), persistent);
  expect(labList().find(({ name }) => name === owned)).toMatchObject({ ownerAlive: true });
  expect(() => labUp(pair(), owned)).toThrow(`belongs to the running process ${child.pid}`);
  expect(reapDead()).not.toContain(owned);
  expect(namespacesOf(owned)).toHaveLength(2);
  child.kill("SIGKILL");
  await once(child, "exit");
  const reaped = reapDead();
  expect(reaped).toContain(owned);
  expect(reaped).not.toContain(persistent);
  expect(namespacesOf(owned)).toEqual([]);
  expect(namespacesOf(persistent)).toHaveLength(2);
});

function identityOf(pid: number | undefined): ProcessIdentity {
  const identity = processIdentity(pid);
  if (identity === undefined) throw new Error("no such process");
  return identity;
}

test("a program on a node has the node's network and our mounts", async () => {
  const lab = labName();
  labUp(pair(), lab);
  const script = "readlink /proc/self/ns/net; readlink /proc/self/ns/mnt";
  const child = spawnOnNode(lab, "right", "sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout?.on("data", (text) => (output += String(text)));
  await once(child, "close");
  const mounts = execFileSync("readlink", ["/proc/self/ns/mnt"], { encoding: "utf8" }).trim();
  expect(output.trim().split("\n")).toEqual([`net:[${netnsInode(`${lab}-right`)}]`, mounts]);
  expect(() => spawnOnNode(lab, "middle", "true", [])).toThrow(`lab ${lab} has no node middle`);
  expect(() => spawnOnNode("hmlab-none", "left", "true", [])).toThrow("there is no lab hmlab-none");
});

/** Where `up` and then `down` are killed: on entering the n-th call of that name. */
const moments = [
  ...[1, 2, 3, 4].map((n) => ["rename", n] as const), // writing the record
  ...[1, 2, 3, 4, 5].map((n) => ["mount", n] as const), // naming a namespace
  ...[1, 2, 3].map((n) => ["unshare", n] as const),
  ...[1, 10, 20, 40].map((n) => ["sendto", n] as const), // configuring
  ...[1, 2, 3].map((n) => ["umount2", n] as const), // down
  ...[1, 2, 3].map((n) => ["unlink", n] as const),
];

test.each(moments)("kill -9 at %s number %i leaves nothing that reaping does not remove", async (call, n) => {
  const lab = labName();
  const script = `
    import { labDown, labUp } from "./lab/lab.js";
    import { musketeers } from "./lab/topologies/musketeers.js";
    import { processIdentity } from "./linux/process-identity.js";
    labUp(musketeers(), ${JSON.stringify(lab)}, { owner: processIdentity() });
    labDown(${JSON.stringify(lab)});`;
  const inject = `inject=${call}:signal=SIGKILL:when=${n}`;
  const child = startScript(script, ["strace", "-qqq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", inject]);
  const [, signal] = await once(child, "exit");
  expect(signal, "it was killed").toBe("SIGKILL");
  reapDead();
  expect(namespacesOf(lab)).toEqual([]);
  expect(readdirSync(REGISTRY_DIRECTORY).filter((file) => file.startsWith(lab))).toEqual([]);
});

/** All settings below /proc/sys/net and all links, of the calling thread's namespace. */
function hostState(): Record<string, string> {
  const state: Record<string, string> = { links: execFileSync("ip", ["-d", "addr"], { encoding: "utf8" }) };
  for (const entry of readdirSync("/proc/sys/net", { recursive: true, encoding: "utf8" })) {
    try {
      state[entry] = readFileSync(`/proc/sys/net/${entry}`, "utf8");
    } catch {
      // directories, and settings that can only be written
    }
  }
  return state;
}

test("a lab touches no sysctl, link or address of the host", async () => {
  // the host of this test is a namespace, so that other tests cannot disturb it; the lab's process lives in it
  const host = temporaryNetns();
  const lab = labName();
  const before = withNetns(host, hostState);
  expect(Object.keys(before).length).toBeGreaterThan(100);
  const child = withNetns(host, () =>
    startScript(`
      import { labDown, labUp, musketeers, openNode, startPing, startTcpDownload, startTcpServer } from "./lab/index.js";
      const lab = ${JSON.stringify(lab)};
      labUp(musketeers({ routeMtu: 1396, kernelIoam: ["athos", "porthos", "aramis"] }), lab);
      const [athos, aramis] = [openNode(lab, "athos"), openNode(lab, "aramis")];
      const ping = await startPing(athos, { target: "db02::2", intervalMs: 5, count: 5 });
      const server = await startTcpServer(athos);
      const client = await startTcpDownload(aramis, { address: "db01::1", port: server.ready.port, bytes: 1e6 });
      const { receivedBytes } = await client.finished;
      const { received } = await ping.finished;
      await server.stop();
      athos.close();
      aramis.close();
      process.stdout.write(JSON.stringify({ received, receivedBytes }));`),
  );
  let output = "";
  child.stdout?.on("data", (text) => (output += String(text)));
  await once(child, "close");
  expect(JSON.parse(output)).toEqual({ received: 5, receivedBytes: 1e6 });
  expect(namespacesOf(lab)).toHaveLength(3); // it is still up
  expect(withNetns(host, hostState)).toEqual(before);
});
