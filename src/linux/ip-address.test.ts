import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { formatIp, formatMac, parseIp, parseMac, parsePrefix } from "./ip-address.ts";

test.each([
  ["db01::1", 10, "db01::1"],
  ["DB01:0:0:0:0:0:0:1", 10, "db01::1"],
  ["192.0.2.255", 2, "192.0.2.255"],
])("%s is of family %i", (text, family, canonical) => {
  const address = parseIp(text);
  expect(address.family).toBe(family);
  expect(formatIp(address.bytes)).toBe(canonical);
});

test.each(["", "1", "1.2.3", "db01::1%eth0", "g::", "1::2::3"])("%j is refused as configuration", (text) => {
  expect(() => parseIp(text)).toThrow(ConfigError);
});

test("a prefix has a length that fits its family", () => {
  expect(parsePrefix("db02::2/64")).toMatchObject({ family: 10, length: 64 });
  expect(parsePrefix("10.0.0.1")).toMatchObject({ family: 2, length: 32 });
  expect(() => parsePrefix("10.0.0.0/33")).toThrow('"10.0.0.0/33" is not a prefix');
  expect(() => parsePrefix("db02::/6x")).toThrow("is not a prefix");
});

test("MAC addresses survive a round trip and bad ones are refused", () => {
  expect(formatMac(parseMac("2e:fe:7c:B0:c7:72"))).toBe("2e:fe:7c:b0:c7:72");
  expect(() => parseMac("2e:fe:7c:b0:c7")).toThrow(ConfigError);
  expect(formatMac(new Uint8Array(0))).toBe("");
});
