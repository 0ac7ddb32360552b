/**
 * Addresses: canonical text on the JavaScript side, 6, 4 or 16 bytes on the wire. Formatting goes byte by byte through
 * small tables, so its cost does not depend on how many different addresses a capture holds.
 */
import type { AddressFamily, Ipv4Address, Ipv6Address, MacAddress } from "./layout.ts";

/** Bytes of an address. */
export const addressSize = (family: AddressFamily): 6 | 4 | 16 => (family === "mac" ? 6 : family === "ipv4" ? 4 : 16);

/** Checks and canonicalises `2E-FE-7C-B0-C7-72` to `2e:fe:7c:b0:c7:72`. Throws an Error that names the text. */
export const mac = (text: string): MacAddress => canonical("mac", text) as MacAddress;

/** Checks `10.0.0.2`: four decimal numbers without leading zeros. Throws an Error that names the text. */
export const ipv4 = (text: string): Ipv4Address => canonical("ipv4", text) as Ipv4Address;

/** Checks and canonicalises to RFC 5952: `DB01:0::0:1` to `db01::1`. No zone. Throws an Error that names the text. */
export const ipv6 = (text: string): Ipv6Address => canonical("ipv6", text) as Ipv6Address;

/** Writes an address, given as text, at `offset`; false, with `bytes` as they were, when the text is not an address. */
export const parseAddress = (family: AddressFamily, text: string, bytes: Uint8Array, offset: number): boolean => {
  switch (family) {
    case "mac":
      return parseMac(text, bytes, offset);
    case "ipv4":
      return parseIpv4(text, bytes, offset);
    case "ipv6":
      return parseIpv6(text, bytes, offset);
  }
};

/** The bytes of an address. Throws an Error that names the text. */
export const addressBytes = (family: AddressFamily, text: string): Uint8Array => {
  const bytes = new Uint8Array(addressSize(family));
  if (!parseAddress(family, text, bytes, 0)) throw badAddress(family, text);
  return bytes;
};

/** Writes an address at `offset`. Throws an Error that names the text. */
export const writeAddress = (family: AddressFamily, text: string, bytes: Uint8Array, offset: number): void => {
  if (!parseAddress(family, text, bytes, offset)) throw badAddress(family, text);
};

/** The canonical text of the address at `offset`. */
export const formatAddress = (family: AddressFamily, bytes: Uint8Array, offset: number): string => {
  switch (family) {
    case "mac":
      return formatMac(bytes, offset);
    case "ipv4":
      return formatIpv4(bytes, offset);
    case "ipv6":
      return formatIpv6(bytes, offset);
  }
};

/** The family of an address's canonical text; null for any other text. */
export const addressFamily = (text: string): AddressFamily | null => {
  for (const family of ["mac", "ipv4", "ipv6"] as const) {
    if (parseAddress(family, text, scratch, 0) && formatAddress(family, scratch, 0) === text) return family;
  }
  return null;
};

const names = { mac: "a MAC address", ipv4: "an IPv4 address", ipv6: "an IPv6 address" } as const;

const badAddress = (family: AddressFamily, text: string): Error =>
  new Error(`${JSON.stringify(text)} is not ${names[family]}`);

const scratch = new Uint8Array(16);

const canonical = (family: AddressFamily, text: string): string => {
  if (!parseAddress(family, text, scratch, 0)) throw badAddress(family, text);
  return formatAddress(family, scratch, 0);
};

const decimal = Array.from({ length: 256 }, (_, value) => String(value));
const hex = Array.from({ length: 256 }, (_, value) => value.toString(16));
const hex2 = hex.map((digits) => digits.padStart(2, "0"));

const formatMac = (bytes: Uint8Array, at: number): string =>
  `${hex2[bytes[at]!]}:${hex2[bytes[at + 1]!]}:${hex2[bytes[at + 2]!]}:${hex2[bytes[at + 3]!]}:${hex2[bytes[at + 4]!]}:${hex2[bytes[at + 5]!]}`;

const formatIpv4 = (bytes: Uint8Array, at: number): string =>
  `${decimal[bytes[at]!]}.${decimal[bytes[at + 1]!]}.${decimal[bytes[at + 2]!]}.${decimal[bytes[at + 3]!]}`;

const formatGroup = (bytes: Uint8Array, at: number): string => {
  const high = bytes[at]!;
  const low = bytes[at + 1]!;
  return high === 0 ? hex[low]! : hex[high]! + hex2[low]!;
};

/** RFC 5952, section 4: the first longest run of two zero groups or more shrinks to `::`. */
const formatIpv6 = (bytes: Uint8Array, at: number): string => {
  let runStart = -1;
  let runLength = 1;
  for (let group = 0; group < 8;) {
    let end = group;
    while (end < 8 && bytes[at + end * 2] === 0 && bytes[at + end * 2 + 1] === 0) end++;
    if (end - group > runLength) {
      runStart = group;
      runLength = end - group;
    }
    group = end + 1;
  }
  // RFC 5952, section 5: IPv4-mapped addresses end in dotted decimals.
  if (runStart === 0 && runLength === 5 && bytes[at + 10] === 0xff && bytes[at + 11] === 0xff) {
    return `::ffff:${formatIpv4(bytes, at + 12)}`;
  }
  let text = "";
  for (let group = 0; group < 8; group++) {
    if (group === runStart) {
      text += "::";
      group += runLength - 1;
      continue;
    }
    if (group > 0 && group !== runStart + runLength) text += ":";
    text += formatGroup(bytes, at + group * 2);
  }
  return text;
};

const hexDigit = (code: number): number => {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
};

const parseMac = (text: string, bytes: Uint8Array, offset: number): boolean => {
  const parts = text.split(text.includes("-") ? "-" : ":");
  if (parts.length !== 6 || !parts.every((part) => /^[0-9a-f]{1,2}$/i.test(part))) return false;
  parts.forEach((part, index) => {
    bytes[offset + index] = Number.parseInt(part, 16);
  });
  return true;
};

/** As inet_pton does: no leading zeros (some read them as octal), no short forms. */
const parseIpv4 = (text: string, bytes: Uint8Array, offset: number): boolean => {
  let packed = 0;
  let count = 0;
  let value = -1;
  for (let at = 0; at <= text.length; at++) {
    const digit = at === text.length ? -1 : text.charCodeAt(at) - 0x30;
    if (digit >= 0 && digit <= 9) {
      if (value === 0) return false;
      value = value < 0 ? digit : value * 10 + digit;
      if (value > 255) return false;
    } else {
      if (value < 0 || count === 4 || (at < text.length && text[at] !== ".")) return false;
      packed = packed * 256 + value;
      count++;
      value = -1;
    }
  }
  if (count !== 4) return false;
  for (let index = 0; index < 4; index++) bytes[offset + index] = packed / 2 ** (24 - 8 * index);
  return true;
};

const groups = new Uint16Array(8);
const dotted = new Uint8Array(4);
const colon = 0x3a;

/** RFC 4291, section 2.2. */
const parseIpv6 = (text: string, bytes: Uint8Array, offset: number): boolean => {
  let count = 0;
  let gap = -1;
  let at = 0;
  if (text.startsWith("::")) {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    if (count === 8) return false;
    const start = at;
    let value = 0;
    for (let digit = 0; at < text.length && (digit = hexDigit(text.charCodeAt(at))) >= 0; at++) {
      value = value * 16 + digit;
    }
    if (text[at] === ".") {
      if (count > 6 || !parseIpv4(text.slice(start), dotted, 0)) return false;
      groups[count++] = (dotted[0]! << 8) | dotted[1]!;
      groups[count++] = (dotted[2]! << 8) | dotted[3]!;
      break;
    }
    if (at === start || at - start > 4) return false;
    groups[count++] = value;
    if (at === text.length) break;
    if (text.charCodeAt(at++) !== colon || at === text.length) return false;
    if (text.charCodeAt(at) === colon) {
      if (gap >= 0) return false;
      gap = count;
      at++;
    }
  }
  if (gap < 0 ? count !== 8 : count > 7) return false;
  const tail = gap < 0 ? 0 : count - gap;
  for (let group = 0; group < 8; group++) {
    const from = gap < 0 || group < gap ? group : group >= 8 - tail ? group - 8 + count : -1;
    const value = from < 0 ? 0 : groups[from]!;
    bytes[offset + group * 2] = value >> 8;
    bytes[offset + group * 2 + 1] = value;
  }
  return true;
};
