import { ConfigError } from "../errors.ts";
import { addressBytes, formatAddress } from "../wire/address.ts";

export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** 4 or 16 bytes in network order, with the family number that netlink and sockets want. */
export interface IpAddress {
  readonly family: typeof AF_INET | typeof AF_INET6;
  readonly bytes: Uint8Array;
}

export interface IpPrefix extends IpAddress {
  readonly length: number;
}

/** `"db01::1"` or `"10.0.0.1"`; `ConfigError` for anything else (zones are not accepted: a device is named apart). */
export function parseIp(text: string): IpAddress {
  const ipv6 = text.includes(":");
  const bytes = refuseAsConfig(() => addressBytes(ipv6 ? "ipv6" : "ipv4", text));
  return { family: ipv6 ? AF_INET6 : AF_INET, bytes };
}

/**
 * `"db02::/64"`, also with bits after the length as interface addresses have them; an address without a length is a host
 * prefix (/32, /128). `ConfigError` for a length that does not fit.
 */
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

/** 4 or 16 bytes to text; IPv6 as RFC 5952 wants it. */
export function formatIp(bytes: Uint8Array): string {
  return formatAddress(bytes.length === 4 ? "ipv4" : "ipv6", bytes, 0);
}

/** `"2e:fe:7c:b0:c7:72"` to 6 bytes; `ConfigError` for anything else. */
export function parseMac(text: string): Uint8Array {
  return refuseAsConfig(() => addressBytes("mac", text));
}

/** 6 bytes to colon notation; other lengths (devices without one, tunnels) give an empty string. */
export function formatMac(bytes: Uint8Array): string {
  return bytes.length === 6 ? formatAddress("mac", bytes, 0) : "";
}

function refuseAsConfig<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new ConfigError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
