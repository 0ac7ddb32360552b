import { expect, test } from "vitest";
import { hintIn } from "./hint-place.ts";

test.each([
  ["add it first: hopmark ioam namespace add 9", " (with --netns lab-athos)"],
  ["switch one off: sysctl net.ipv6.conf.eth0.ioam6_enabled=0", " (in network namespace lab-athos)"],
  ["type: ip netns exec lab-athos ethtool -K eth0 gro on", ""],
  ["name one that `ip netns` or `hopmark lab list` shows", ""],
  ["hold them first: hopmark impair eth0 --buffer", " (with --netns lab-athos)"],
  ["write size 12", ""],
])("%s", (hint, added) => {
  expect(hintIn(hint, "lab-athos")).toBe(hint + added);
  expect(hintIn(hint, undefined)).toBe(hint);
});

test.each([
  ["pval0 is down: ip link set pval0 up", "lab-athos", "pval0 is down: ip -n lab-athos link set pval0 up"],
  ["type: ip link set pval0 up", "4711", "type: ip link set pval0 up (in network namespace 4711)"],
  ["type: ip link set pval0 up", "/run/a", "type: ip link set pval0 up (in network namespace /run/a)"],
  ["check its name, or say in which network namespace it is: --netns NAME", "lab-athos", "check its name: it was looked for in network namespace lab-athos"], // prettier-ignore
])("%s, in %s", (hint, netns, expected) => {
  expect(hintIn(hint, netns)).toBe(expected);
});
