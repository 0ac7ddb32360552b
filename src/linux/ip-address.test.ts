import { expect, test } from "vitest";
import { formatIp, parseIp, parsePrefix } from "./ip-address.ts";
import { formatMac, parseMac } from "./mac-address.ts";

test.each([
  ["db01::1", "db01::1"],
  ["DB01:0:0:0:0:0:0:1", "db01::1"],
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
  ["1:0:0:2:3:0:0:4", "1::2:3:0:0:4"],
  ["1:2:3:4:5:6:0:8", "1:2:3:4:5:6:0:8"],
  ["::ffff:10.1.2.3", "::ffff:a01:203"],
  ["192.0.2.255", "192.0.2.255"],
])("%s is written %s", (text, canonical) => {
  expect(formatIp(parseIp(text).bytes)).toBe(canonical);
});

test.each(["", "1", "1.2.3", "db01::1%eth0", "g::", "1::2::3"])("%j is no address", (text) => {
  expect(() => parseIp(text)).toThrow("is not an IP address");
});

test("a prefix has a length that fits its family", () => {
  expect(parsePrefix("db02::/64")).toMatchObject({ family: 10, length: 64 });
  expect(parsePrefix("10.0.0.1")).toMatchObject({ family: 2, length: 32 });
  expect(() => parsePrefix("10.0.0.0/33")).toThrow('"10.0.0.0/33" is not a prefix');
  expect(() => parsePrefix("db02::/6x")).toThrow("is not a prefix");
});

test("MAC addresses survive a round trip and bad ones are refused", () => {
  expect(formatMac(parseMac("2e:fe:7c:B0:c7:72"))).toBe("2e:fe:7c:b0:c7:72");
  expect(() => parseMac("2e:fe:7c:b0:c7")).toThrow("is not a MAC address");
});
