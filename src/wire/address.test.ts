import fc from "fast-check";
import { isIPv6 } from "node:net";
import { describe, expect, test } from "vitest";
import { addressBytes, formatAddress, ipv4, ipv6, mac } from "./address.ts";

describe("IPv6 text", () => {
  test.each([
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["DB01:0:0::0:1", "db01::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
    ["::ffff:10.0.0.1", "::ffff:10.0.0.1"],
    ["::ffff:a00:1", "::ffff:10.0.0.1"],
    ["64:ff9b::10.0.0.1", "64:ff9b::a00:1"],
    ["1:2:3:4:5:6:10.0.0.1", "1:2:3:4:5:6:a00:1"],
  ])("%s is %s", (text, canonical) => expect(ipv6(text)).toBe(canonical));

  test.each([
    "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "1:", ":1", "1::2:",
    "::1%eth0", "1:2:3:4:5:6:7:10.0.0.1", "::10.0.0", "::10.0.0.256", "1:2:3:4::5:6:7:8", " ::1", "::1 ", "10.0.0.1",
  ])("%j is refused, and named", (text) => expect(() => ipv6(text)).toThrow(`${JSON.stringify(text)} is not an IPv6 address`)); // prettier-ignore

  test("any bytes format to what parses back, and what Node accepts", () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const bytes = Uint8Array.from(groups.flatMap((value) => [value >> 8, value & 0xff]));
        const text = formatAddress("ipv6", bytes, 0);
        expect(isIPv6(text)).toBe(true);
        expect(addressBytes("ipv6", text)).toEqual(bytes);
        if (!text.includes(".")) expect(text).toBe(new URL(`http://[${text}]`).hostname.slice(1, -1));
      }),
    );
  });

  test("any text is an address or refused as Node says", () => {
    const piece = fc.constantFrom("::", ":", "0", "1", "ffff", "10.0.0.1", "db8", "00001", ".", "g");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        let valid = true;
        try {
          ipv6(text);
        } catch {
          valid = false;
        }
        expect(valid).toBe(isIPv6(text));
      }),
      { numRuns: 2000 },
    );
  });
});

test("IPv4", () => {
  expect(ipv4("10.0.0.2")).toBe("10.0.0.2");
  expect(addressBytes("ipv4", "255.1.0.9")).toEqual(Uint8Array.of(255, 1, 0, 9));
  for (const text of [
    "",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.01",
    "10.0.0.1.",
    ".10.0.0.1",
    "10..0.1",
    "1.2.3.4.5",
    "a.b.c.d",
    "1.2.3.-4",
  ]) {
    expect(() => ipv4(text)).toThrow(JSON.stringify(text));
  }
});

test("MAC", () => {
  expect(mac("2E-FE-7C-B0-C7-72")).toBe("2e:fe:7c:b0:c7:72");
  expect(mac("0:1:2:3:4:5")).toBe("00:01:02:03:04:05");
  for (const text of ["", "2e:fe:7c:b0:c7", "2e:fe:7c:b0:c7:72:00", "2e:fe:7c:b0:c7:7g", "2e:fe:7c:b0:c7:123"]) {
    expect(() => mac(text)).toThrow(`${JSON.stringify(text)} is not a MAC address`);
  }
});
