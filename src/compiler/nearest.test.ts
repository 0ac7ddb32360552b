import { expect, test } from "vitest";
import { didYouMean, instead, nearest } from "./nearest.ts";

const known = ["destination", "source", "etherType", "mark", "length", "at"];

test.each([
  ["ethertype", "etherType"],
  ["etherTpye", "etherType"],
  ["sorce", "source"],
  ["source2", "source"],
  ["lenght", "length"],
  ["marc", "mark"],
  ["destnation", "destination"],
  ["size", undefined],
  ["abcd", undefined],
  ["x", undefined],
  ["", undefined],
  ["mark", undefined],
])("%s: %s", (typed, meant) => {
  expect(nearest(typed, known)).toBe(meant);
});

test("the one in the same case, before the one in another", () => {
  expect(nearest("xpd", ["Xdp", "xdp"])).toBe("xdp");
  expect(nearest("Xpd", ["xdp", "Xdp"])).toBe("Xdp");
});

test("the nearest of several, and the first of those as near", () => {
  expect(nearest("counts", ["cants", "count", "countss"])).toBe("count");
  expect(nearest("len", ["data_len", "lon"])).toBe("lon");
});

test("the kernel's names, without what stands before them", () => {
  expect(nearest("family", ["skc_family", "skc_state"])).toBe("skc_family");
  expect(nearest("skc_famly", ["skc_family", "skc_state"])).toBe("skc_family");
  expect(nearest("tcp_retransmit", ["tcp_retransmit_skb", "tcp_probe"])).toBe("tcp_retransmit_skb");
});

test("as the end of a message", () => {
  expect(didYouMean("sorce", known)).toBe("; did you mean source?");
  expect(didYouMean("size", known)).toBe("");
  expect(instead("sorce", known)).toBe("; did you mean source?");
  expect(instead("size", ["a", "b"])).toBe("; it has a, b");
});
