import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["skc_famly", ["skc_family", "skc_state"], "skc_family"],
  ["tcp_retransmit", ["tcp_retransmit_skb", "tcp_probe"], "tcp_retransmit_skb"],
  ["family", ["skc_family", "skc_state"], "skc_family"],
  ["xyz", ["skc_family", "len"], undefined],
  ["len", ["data_len", "lon"], "lon"],
])("%s among %j is %s", (wrong, names, found) => {
  expect(nearest(wrong, names)).toBe(found);
});
