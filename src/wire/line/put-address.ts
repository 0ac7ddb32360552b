/** Addresses as bytes of text, without strings. Writing costs the same however many addresses there are. */
import { formatAddress } from "../address.ts";

/** Three characters for each byte, and how many of them count. */
const decimals = new Uint8Array(256 * 4);
for (let value = 0; value < 256; value++) {
  const text = String(value);
  for (let at = 0; at < text.length; at++) decimals[value * 4 + at] = text.charCodeAt(at);
  decimals[value * 4 + 3] = text.length;
}

const hexDigits = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const DOT = 0x2e;
const COLON = 0x3a;

/** Writes `10.0.0.2` at `at`; returns where it ends. Two bytes behind it are overwritten. */
export const putIpv4 = (to: Uint8Array, at: number, bytes: Uint8Array, offset: number): number => {
  let place = at;
  for (let index = 0; index < 4; index++) {
    const entry = bytes[offset + index]! * 4;
    to[place] = decimals[entry]!;
    to[place + 1] = decimals[entry + 1]!;
    to[place + 2] = decimals[entry + 2]!;
    place += decimals[entry + 3]!;
    to[place++] = DOT;
  }
  return place - 1;
};

/** Writes `db01::1` (RFC 5952) at `at`; returns where it ends. */
export const putIpv6 = (to: Uint8Array, at: number, bytes: Uint8Array, offset: number): number => {
  let runStart = -1;
  let runLength = 1;
  for (let group = 0; group < 8;) {
    let end = group;
    while (end < 8 && bytes[offset + end * 2] === 0 && bytes[offset + end * 2 + 1] === 0) end++;
    if (end - group > runLength) {
      runStart = group;
      runLength = end - group;
    }
    group = end + 1;
  }
  // Those that hold an IPv4 address are written in another way.
  if (runStart === 0 && runLength === 5) return putText(to, at, formatAddress("ipv6", bytes, offset));
  let place = at;
  for (let group = 0; group < 8; group++) {
    if (group === runStart) {
      to[place++] = COLON;
      to[place++] = COLON;
      group += runLength - 1;
      continue;
    }
    if (group > 0 && group !== runStart + runLength) to[place++] = COLON;
    const high = bytes[offset + group * 2]!;
    const low = bytes[offset + group * 2 + 1]!;
    if (high > 0x0f) to[place++] = hexDigits[high >> 4]!;
    if (high > 0) to[place++] = hexDigits[high & 0x0f]!;
    if (high > 0 || low > 0x0f) to[place++] = hexDigits[low >> 4]!;
    to[place++] = hexDigits[low & 0x0f]!;
  }
  return place;
};

/** Writes `2e:fe:7c:b0:c7:72` at `at`; returns where it ends. */
export const putMac = (to: Uint8Array, at: number, bytes: Uint8Array, offset: number): number => {
  let place = at;
  for (let index = 0; index < 6; index++) {
    const byte = bytes[offset + index]!;
    to[place] = hexDigits[byte >> 4]!;
    to[place + 1] = hexDigits[byte & 0x0f]!;
    to[place + 2] = COLON;
    place += 3;
  }
  return place - 1;
};

/** Writes ASCII text at `at`; returns where it ends. */
export const putText = (to: Uint8Array, at: number, text: string): number => {
  for (let index = 0; index < text.length; index++) to[at + index] = text.charCodeAt(index);
  return at + text.length;
};
