import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { createUnnamedNetns } from "../netns.ts";
import { interfaceBasics, interfaceIndex } from "./interface-index.ts";
import { createVeth, findLink, setLink } from "./links.ts";
import { withNetns } from "../with-netns.ts";
import { openRtnetlink } from "./socket.ts";

test("the number of an interface, in its namespace", () => {
  const netns = createUnnamedNetns();
  const route = openRtnetlink(netns);
  try {
    createVeth(route, { name: "a-name-of-15-by", index: 4711 }, { name: "east" });
    expect(interfaceIndex("a-name-of-15-by", netns)).toBe(4711);
    expect(interfaceIndex("east", netns)).toBe(findLink(route, "east")?.index);
    expect(interfaceIndex("lo", netns)).toBe(1);
    expect(interfaceIndex("lo")).toBe(1);
  } finally {
    route.close();
    netns.close();
  }
});

test("and its own name, and whether it is up", () => {
  const netns = createUnnamedNetns();
  const route = openRtnetlink(netns);
  try {
    createVeth(route, { name: "a-name-of-15-by", index: 4711 }, { name: "east" });
    expect(interfaceBasics("a-name-of-15-by", netns)).toEqual({ index: 4711, name: "a-name-of-15-by", up: false });
    setLink(route, 4711, { up: true });
    expect(interfaceBasics("a-name-of-15-by", netns)).toMatchObject({ up: true });
    withNetns(netns, () => execFileSync("ip", ["link", "property", "add", "dev", "east", "altname", "orient"]));
    expect(interfaceBasics("orient", netns)).toMatchObject({ name: "east", up: false });
    expect(interfaceBasics("west", netns)).toBeUndefined();
  } finally {
    route.close();
    netns.close();
  }
});

test.each(["", "west", "a-name-of-16-byt", "ä".repeat(8), "lo\0", "lo:1"])("there is none of the name %j", (name) => {
  expect(interfaceIndex(name)).toBeUndefined();
});
