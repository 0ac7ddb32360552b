/** Prefixes: `db02::/64`. */
import { addressSize, formatAddress, parseAddress } from "./address.ts";

/** A run of addresses that share their first `length` bits. The host bits of `bytes` are zero. */
export interface Prefix {
  readonly family: "ipv4" | "ipv6";
  /** Canonical text of the first address. */
  readonly address: string;
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** An address with the length of its link's prefix, as interfaces have them: `db01::1/64`. */
export interface InterfaceAddress {
  readonly family: "ipv4" | "ipv6";
  /** Canonical text. */
  readonly address: string;
  readonly length: number;
}

/**
 * Reads `db02::/64` or `10.0.0.0/8`; an address alone is a prefix of its own. Throws an Error that names the text, also
 * when bits past the length are set: `db02::1/64` is an interface's address, not a prefix.
 */
export const parsePrefix = (text: string): Prefix => {
  const { family, bytes, length } = split(text, "a prefix");
  const network = bytes.slice();
  mask(network, length);
  const address = formatAddress(family, network, 0);
  if (network.some((byte, index) => byte !== bytes[index])) {
    throw new Error(
      `${JSON.stringify(text)} is not a prefix: bits after the first ${length} are set; write ${address}/${length}`,
    );
  }
  return { family, address, length, bytes: network };
};

/** Reads `db01::1/64`. Throws an Error that names the text. */
export const parseInterfaceAddress = (text: string): InterfaceAddress => {
  const { family, bytes, length } = split(text, "an address with a prefix length");
  return { family, address: formatAddress(family, bytes, 0), length };
};

/** A prefix as text: `db02::/64`. */
export const formatPrefix = (prefix: Prefix): string => `${prefix.address}/${prefix.length}`;

/** Whether an address, as text or as bytes at `offset`, lies in the prefix. Text of the other family does not. */
export const prefixContains = (prefix: Prefix, address: string | Uint8Array, offset = 0): boolean => {
  if (typeof address !== "string") return sameBits(prefix.bytes, address, offset, prefix.length);
  return parseAddress(prefix.family, address, scratch, 0) && sameBits(prefix.bytes, scratch, 0, prefix.length);
};

/** Whether two prefixes share an address: one then contains the other. */
export const prefixesOverlap = (left: Prefix, right: Prefix): boolean =>
  left.family === right.family && sameBits(left.bytes, right.bytes, 0, Math.min(left.length, right.length));

const scratch = new Uint8Array(16);

const split = (text: string, what: string): { family: "ipv4" | "ipv6"; bytes: Uint8Array; length: number } => {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const family = address.includes(":") ? "ipv6" : "ipv4";
  const bytes = new Uint8Array(addressSize(family));
  const digits = slash < 0 ? String(bytes.length * 8) : text.slice(slash + 1);
  const length = Number(digits);
  if (!parseAddress(family, address, bytes, 0) || !/^\d{1,3}$/.test(digits) || length > bytes.length * 8) {
    throw new Error(`${JSON.stringify(text)} is not ${what}`);
  }
  return { family, bytes, length };
};

const mask = (bytes: Uint8Array, length: number): void => {
  const whole = length >> 3;
  if (whole === bytes.length) return;
  bytes[whole]! &= 0xff00 >> (length & 7);
  bytes.fill(0, whole + 1);
};

const sameBits = (left: Uint8Array, right: Uint8Array, offset: number, length: number): boolean => {
  const whole = length >> 3;
  for (let index = 0; index < whole; index++) if (left[index] !== right[offset + index]) return false;
  return (length & 7) === 0 || ((left[whole]! ^ right[offset + whole]!) & (0xff00 >> (length & 7)) & 0xff) === 0;
};
