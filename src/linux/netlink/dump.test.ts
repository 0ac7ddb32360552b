import { expect, test } from "vitest";
import { temporaryRtnetlink } from "../fixtures/temporary-netns.ts";
import { attributeList, Attributes } from "./attributes.ts";
import { MessageBuilder } from "./message.ts";
import { addRoute, routes } from "../rtnetlink/routes.ts";
import { setLink } from "../rtnetlink/links.ts";

test("a list longer than one datagram comes whole", () => {
  const { route } = temporaryRtnetlink();
  setLink(route, 1, { up: true });
  const wanted = Array.from({ length: 1500 }, (_, i) => `db03:0:0:${(i + 1).toString(16)}::/64`);
  for (const destination of wanted) addRoute(route, { destination, device: 1 });
  const found = new Set(routes(route).map((entry) => entry.destination));
  expect(wanted.filter((destination) => !found.has(destination))).toEqual([]);
});

test("attributes survive building and reading, padding and growth included", () => {
  const long = "x".repeat(1001);
  const message = new MessageBuilder()
    .attrU8(1, 7)
    .attrU16(2, 0xabcd)
    .attrU32(3, 0xdeadbeef)
    .attrU64(4, 0xdeadbeefcafedecan)
    .attrString(5, long)
    .nest(6, (nested) => nested.attrFlag(1).nest(2, (inner) => inner.attrU32(9, 1)))
    .attrU8(7, 1);
  const bytes = message.finish(0, 0, 0);
  expect(bytes.length % 4).toBe(0);
  const attributes = new Attributes(bytes.subarray(16));
  expect([1, 2, 3].map((type) => attributes.number(type))).toEqual([7, 0xabcd, 0xdeadbeef]);
  expect(attributes.u64(4)).toBe(0xdeadbeefcafedecan);
  expect(attributes.string(5)).toBe(long);
  expect(attributes.nested(6).has(1)).toBe(true);
  expect(attributes.nested(6).nested(2).number(9)).toBe(1);
  expect(attributes.number(7)).toBe(1);
  expect(attributes.number(8)).toBeUndefined();
});

test("bytes that are no attributes end the list", () => {
  expect([...attributeList(Uint8Array.of(3, 0, 1, 0))]).toEqual([]);
  expect([...attributeList(Uint8Array.of(8, 0, 1, 0, 1))]).toEqual([]);
  expect([...attributeList(Uint8Array.of(4, 0, 1, 0, 9, 9))]).toHaveLength(1);
});
