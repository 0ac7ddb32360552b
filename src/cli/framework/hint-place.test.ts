import { expect, test } from "vitest";
import { hintIn } from "./hint-place.ts";

test.each([
  ["add it first: hopmark ioam namespace add 9", " (with --netns lab-athos)"],
  ["switch one off: sysctl net.ipv6.conf.eth0.ioam6_enabled=0", " (in network namespace lab-athos)"],
  ["type: ip netns exec lab-athos ethtool -K eth0 gro on", ""],
  ["or say in which network namespace it is: --netns NAME", ""],
  ["hold them first: hopmark impair eth0 --buffer", " (with --netns lab-athos)"],
  ["write size 12", ""],
])("%s", (hint, added) => {
  expect(hintIn(hint, "lab-athos")).toBe(hint + added);
  expect(hintIn(hint, undefined)).toBe(hint);
});
