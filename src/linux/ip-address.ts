import { isIPv4, isIPv6 } from "node:net";
import { ConfigError } from "../errors.ts";

export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** 4 or 16 bytes in network order. */
export interface IpAddress {
  readonly family: typeof AF_INET | typeof AF_INET6;
  readonly bytes: Uint8Array;
}

export interface IpPrefix extends IpAddress {
  readonly length: number;
}

/** `"db01::1"` or `"10.0.0.1"`; `ConfigError` for anything else (zones are not accepted: a device is named apart). */
export function parseIp(text: string): IpAddress {
  if (isIPv4(text)) return { family: AF_INET, bytes: Uint8Array.from(text.split("."), Number) };
  if (isIPv6(text) && !text.includes("%")) return { family: AF_INET6, bytes: parseIpv6(text) };
  throw new ConfigError(`"${text}" is not an IP address`);
}

/** `"db02::/64"`; an address without a length is a host prefix (/32, /128). `ConfigError` for a length that does not fit. */
export function parsePrefix(text: string): IpPrefix {
  const [address = "", length, ...rest] = text.split("/");
  const { family, bytes } = parseIp(address);
  const bits = bytes.length * 8;
  if (length === undefined) return { family, bytes, length: bits };
  if (rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > bits) {
    throw new ConfigError(`"${text}" is not a prefix`, { hint: `write a length of 0 to ${bits} after the slash` });
  }
  return { family, bytes, length: Number(length) };
}

/** Bytes of an address (4 or 16) to text; IPv6 as RFC 5952 wants it. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  const [start, length] = longestZeroRun(groups);
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

function parseIpv6(text: string): Uint8Array {
  const [head = "", tail] = text.split("::");
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  const zeros = new Array<number>(8 - front.length - back.length).fill(0);
  return Uint8Array.from([...front, ...zeros, ...back].flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(part: string): number[] {
  if (part === "") return [];
  return part.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

/** Start and length of the first longest run of zero groups. */
function longestZeroRun(groups: readonly number[]): [number, number] {
  let best: [number, number] = [0, 0];
  let start = 0;
  for (const [i, group] of groups.entries()) {
    if (group !== 0) start = i + 1;
    else if (i + 1 - start > best[1]) best = [start, i + 1 - start];
  }
  return best;
}
