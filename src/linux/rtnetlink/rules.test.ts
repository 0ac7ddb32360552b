import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { temporaryRtnetlink } from "../fixtures/temporary-netns.ts";
import { hasDefaultRules } from "./rules.ts";

test("a fresh namespace has the kernel's own rules; any other rule, of whatever kind, is noticed", () => {
  const { netns, route } = temporaryRtnetlink();
  const ip = (...words: string[]): void => void execFileSync("ip", ["-n", netns.name, "-6", "rule", ...words]);
  expect(hasDefaultRules(route)).toBe(true);
  const rules = [
    ["from", "db01::/64", "lookup", "100"],
    ["fwmark", "7", "lookup", "main"],
    ["iif", "lo", "lookup", "main"],
    ["pref", "5", "blackhole"],
    ["pref", "32767", "lookup", "main", "suppress_prefixlength", "8"],
    ["pref", "100", "lookup", "300"],
  ];
  for (const rule of rules) {
    ip("add", ...rule);
    expect({ rule, own: hasDefaultRules(route) }).toEqual({ rule, own: false });
    ip("del", ...rule);
    expect({ rule, own: hasDefaultRules(route) }).toEqual({ rule, own: true });
  }
});
