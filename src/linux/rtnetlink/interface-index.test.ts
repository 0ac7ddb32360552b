import { expect, test } from "vitest";
import { createUnnamedNetns } from "../netns.ts";
import { interfaceIndex } from "./interface-index.ts";
import { createVeth, findLink } from "./links.ts";
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

test.each(["", "west", "a-name-of-16-byt", "ä".repeat(8), "lo\0", "lo:1"])("there is none of the name %j", (name) => {
  expect(interfaceIndex(name)).toBeUndefined();
});
