import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { ConfigError } from "../../errors.ts";
import { temporaryNetns, temporaryRtnetlink } from "../fixtures/temporary-netns.ts";
import { withNetns } from "../with-netns.ts";
import type { Netns } from "../netns.ts";
import { createVeth, deleteLink, findLink, linkByIndex, linkByName, links, setLink } from "./links.ts";
import { openRtnetlink } from "./socket.ts";

/** What iproute2 says about an interface. */
function shown(netns: Netns, name: string): Record<string, unknown> {
  const text = withNetns(netns, () =>
    execFileSync("ip", ["-d", "-j", "link", "show", "dev", name], { encoding: "utf8" }),
  );
  return JSON.parse(text)[0];
}

test("a new namespace has the loopback, down", () => {
  const { route } = temporaryRtnetlink();
  const loopback = linkByName(route, "lo");
  expect(links(route)).toContainEqual(loopback);
  expect(loopback).toMatchObject({ index: 1, up: false, kind: undefined, mtu: 65536 });
});

test("a veth pair with names, MACs, indices, MTUs and namespaces of both ends", () => {
  const { netns: left, route } = temporaryRtnetlink();
  const right = temporaryNetns();
  createVeth(
    route,
    { name: "west", mac: "02:00:00:00:00:01", index: 71, mtu: 1400, queues: 1 },
    { name: "east", mac: "02:00:00:00:00:02", index: 72, netns: right },
  );
  const west = linkByName(route, "west");
  expect(west).toMatchObject({
    index: 71,
    mac: "02:00:00:00:00:01",
    mtu: 1400,
    kind: "veth",
    up: false,
    peer: { index: 72, netnsId: expect.any(Number) },
    queues: { receive: 1, transmit: 1 },
  });
  expect(shown(left, "west")).toMatchObject({ ifindex: 71, address: "02:00:00:00:00:01", mtu: 1400 });
  expect(shown(right, "east")).toMatchObject({ ifindex: 72, address: "02:00:00:00:00:02", mtu: 1500 });

  using(openRtnetlink(right), (other) => {
    setLink(other, linkByName(other, "east").index, { up: true });
    setLink(route, 71, { up: true, mtu: 1300, mac: "02:00:00:00:00:03" });
    expect(linkByIndex(route, 71)).toMatchObject({ up: true, carrier: true, mtu: 1300, mac: "02:00:00:00:00:03" });
    expect(shown(left, "west")).toMatchObject({ mtu: 1300, operstate: "UP" });

    deleteLink(route, 71);
    expect(findLink(route, "west")).toBeUndefined();
    expect(findLink(other, "east")).toBeUndefined();
  });
});

test("rename, take down and move to another namespace", () => {
  const { route } = temporaryRtnetlink();
  const there = temporaryNetns();
  createVeth(route, { name: "one" }, { name: "two" });
  const { index } = linkByName(route, "one");
  setLink(route, index, { name: "uno" });
  setLink(route, index, { up: true });
  setLink(route, index, { up: false });
  expect(linkByName(route, "uno")).toMatchObject({ index, up: false });
  setLink(route, index, { netns: there, name: "moved" });
  expect(links(route).map((link) => link.name)).toEqual(["lo", "two"]);
  using(openRtnetlink(there), (other) => expect(linkByName(other, "moved").kind).toBe("veth"));
});

test("errors name the call, the object and the kernel's reason", () => {
  const { route } = temporaryRtnetlink();
  createVeth(route, { name: "one" }, { name: "two" });
  expect(() => linkByName(route, "absent")).toThrow("RTM_GETLINK (absent): ENODEV");
  expect(() => createVeth(route, { name: "one" }, { name: "three" })).toThrow("RTM_NEWLINK (one, three): EEXIST");
  expect(findLink(route, "three")).toBeUndefined();
  expect(() => setLink(route, linkByName(route, "one").index, { mtu: 10 })).toThrow(
    "EINVAL: mtu less than device minimum",
  );
});

test.each(["", "sixteen_letters_", "a b", "a/b", "..", "colon:"])(
  "the name %j is refused before anything is sent",
  (name) => {
    const { route } = temporaryRtnetlink();
    expect(() => createVeth(route, { name: "fine" }, { name })).toThrow(ConfigError);
    expect(findLink(route, "fine")).toBeUndefined();
  },
);

function using<T extends { close(): void }>(resource: T, run: (resource: T) => void): void {
  try {
    run(resource);
  } finally {
    resource.close();
  }
}
