import { expect, test } from "vitest";
import { temporaryRtnetlink } from "../fixtures/temporary-netns.ts";
import { addAddress, addresses } from "./addresses.ts";
import { createVeth, linkByName, setLink } from "./links.ts";
import { routes } from "./routes.ts";
import { waitUsable } from "./usable.ts";

test("an interface is usable once both ends are up and its addresses are local", () => {
  const { route } = temporaryRtnetlink();
  createVeth(route, { name: "west" }, { name: "east" });
  const { index } = linkByName(route, "west");
  addAddress(route, index, "db01::1/64", { duplicateDetection: false });
  setLink(route, index, { up: true });
  expect(() => waitUsable(route, "west", [], 20)).toThrow("west did not become usable in 20 ms");
  setLink(route, linkByName(route, "east").index, { up: true });
  waitUsable(route, "west", ["db01::1/64", "10.0.0.1/24"]);
  expect(linkByName(route, "west").operational).toBe(true);
  expect(routes(route, 255)).toContainEqual(expect.objectContaining({ destination: "db01::1/128", kind: "local" }));
  expect(() => waitUsable(route, "west", ["db01::9/64"], 20)).toThrow("west did not become usable");
});

test("the address a router asks its neighbours from is no longer tentative", () => {
  const { route } = temporaryRtnetlink();
  createVeth(route, { name: "west" }, { name: "east" });
  const { index } = linkByName(route, "west");
  addAddress(route, index, "db01::1/64", { duplicateDetection: false });
  for (const name of ["west", "east"]) setLink(route, linkByName(route, name).index, { up: true });
  waitUsable(route, "west", ["db01::1/64"]);
  expect(addresses(route, index)).toContainEqual(expect.objectContaining({ scope: "link", usable: true }));
});
