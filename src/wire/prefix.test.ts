import { expect, test } from "vitest";
import { addressBytes } from "./address.ts";
import { formatPrefix, parseInterfaceAddress, parsePrefix, prefixContains, prefixesOverlap } from "./prefix.ts";

test("prefixes read and print", () => {
  expect(formatPrefix(parsePrefix("DB02:0::/64"))).toBe("db02::/64");
  expect(formatPrefix(parsePrefix("10.0.0.0/8"))).toBe("10.0.0.0/8");
  expect(formatPrefix(parsePrefix("db02::2"))).toBe("db02::2/128");
  expect(formatPrefix(parsePrefix("0.0.0.0/0"))).toBe("0.0.0.0/0");
  expect(parsePrefix("db02:0:0:8000::/49").bytes.slice(0, 8)).toEqual(Uint8Array.of(0xdb, 2, 0, 0, 0, 0, 0x80, 0));
});

test("a prefix with host bits is refused, and the right one named", () => {
  expect(() => parsePrefix("db02::1/64")).toThrow(
    '"db02::1/64" is not a prefix: bits after the first 64 are set; write db02::/64',
  );
  expect(() => parsePrefix("10.0.0.129/25")).toThrow("write 10.0.0.128/25");
});

test.each(["", "/64", "db02::/", "db02::/129", "10.0.0.0/33", "db02::/6a", "db02::/-1", "db02::/64/64", "x/8"])(
  "%j is refused",
  (text) => {
    expect(() => parsePrefix(text)).toThrow(`${JSON.stringify(text)} is not a prefix`);
  },
);

test("interface addresses keep their host bits", () => {
  expect(parseInterfaceAddress("DB01::1/64")).toEqual({ family: "ipv6", address: "db01::1", length: 64 });
  expect(parseInterfaceAddress("10.0.0.2/24")).toEqual({ family: "ipv4", address: "10.0.0.2", length: 24 });
});

test("contains", () => {
  const prefix = parsePrefix("db02:0:0:8::/61");
  expect(prefixContains(prefix, "db02:0:0:f::1")).toBe(true);
  expect(prefixContains(prefix, "db02:0:0:10::1")).toBe(false);
  expect(prefixContains(prefix, "10.0.0.1")).toBe(false);
  expect(prefixContains(prefix, addressBytes("ipv6", "db02:0:0:9::"))).toBe(true);
  expect(prefixContains(parsePrefix("::/0"), "ff02::1")).toBe(true);
  expect(prefixContains(parsePrefix("10.0.0.3/32"), "10.0.0.2")).toBe(false);
});

test("overlaps", () => {
  const overlap = (left: string, right: string): boolean => prefixesOverlap(parsePrefix(left), parsePrefix(right));
  expect(overlap("db02::/64", "db02::/16")).toBe(true);
  expect(overlap("db02::/64", "db02:0:0:1::/64")).toBe(false);
  expect(overlap("db02::/64", "db02::2")).toBe(true);
  expect(overlap("::/0", "10.0.0.0/8")).toBe(false);
});
