/** Multipath TCP's option (RFC 6824, RFC 8684) as a line prints it: ` 12 join id 5 token 0x1 nonce 0x2`. */
import { formatAddress } from "../address.ts";
import { hexOf, longAt, wordAt } from "./message.ts";

const SYN = 0x02;
const ACK = 0x10;

/** What ends the text of an option whose length leaves too few bytes or too many, or that does not belong into its segment. */
export const BAD = "[bad opt]";

/** `at`: of the option's first byte; `flags`: of the segment. */
export const mptcpText = (bytes: Uint8Array, at: number, length: number, flags: number): string => {
  if (length < 3) return BAD;
  const subtype = subtypes[bytes[at + 2]! >> 4];
  if (subtype === undefined) return ` ${length} unknown`;
  return ` ${length} ${subtype.name}${subtype.text(bytes, at, length, flags)}`;
};

interface Subtype {
  readonly name: string;
  /** What follows the name. */
  readonly text: (bytes: Uint8Array, at: number, length: number, flags: number) => string;
}

const number64 = (bytes: Uint8Array, at: number): bigint =>
  (BigInt(longAt(bytes, at)) << 32n) | BigInt(longAt(bytes, at + 4));
const hex64 = (bytes: Uint8Array, at: number): string => `0x${number64(bytes, at).toString(16)}`;
const hex32 = (bytes: Uint8Array, at: number): string => `0x${longAt(bytes, at).toString(16)}`;

/** RFC 8684, section 3.1: version, whether checksums are wanted, keys. Lengths say which part of the handshake it is. */
const capable: Subtype["text"] = (bytes, at, length, flags) => {
  const isStart = length === 4 || length === 12;
  const isEnd = length === 20 || length === 22 || length === 24;
  if (!(isStart && (flags & SYN) !== 0) && !(isEnd && (flags & (SYN | ACK)) === ACK)) return BAD;
  let text = ` v${bytes[at + 2]! & 0x0f}${(bytes[at + 3]! & 0x80) === 0 ? "" : " csum"}`;
  if (length >= 12) text += ` {${hex64(bytes, at + 4)}${isEnd ? `,${hex64(bytes, at + 12)}` : ""}}`;
  return text;
};

/** RFC 8684, section 3.2. */
const join: Subtype["text"] = (bytes, at, length, flags) => {
  const who = `${(bytes[at + 2]! & 1) === 0 ? "" : " backup"} id ${bytes[at + 3]!}`;
  if (length === 12 && (flags & SYN) !== 0) return `${who} token ${hex32(bytes, at + 4)} nonce ${hex32(bytes, at + 8)}`;
  if (length === 16 && (flags & (SYN | ACK)) === (SYN | ACK))
    return `${who} hmac ${hex64(bytes, at + 4)} nonce ${hex32(bytes, at + 12)}`;
  if (length === 24 && (flags & ACK) !== 0) return ` hmac 0x${hexOf(bytes, at + 4, at + 24)}`;
  return BAD;
};

/** RFC 8684, section 3.3: what of the connection's data these bytes are, and what has come. */
const sequence: Subtype["text"] = (bytes, at, length) => {
  if (length < 4) return BAD;
  const flags = bytes[at + 3]!;
  const end = at + length;
  let place = at + 4;
  let text = (flags & 0x10) === 0 ? "" : " fin";
  const take = (isLong: boolean): boolean => {
    const size = isLong ? 8 : 4;
    if (place + size > end) return false;
    text += isLong ? number64(bytes, place) : longAt(bytes, place);
    place += size;
    return true;
  };
  if ((flags & 1) !== 0) {
    text += " ack ";
    if (!take((flags & 2) !== 0)) return text + BAD;
  }
  if ((flags & 4) !== 0) {
    text += " seq ";
    if (!take((flags & 8) !== 0)) return text + BAD;
    if (place + 6 > end) return text + BAD;
    text += ` subseq ${longAt(bytes, place)} len ${wordAt(bytes, place + 4)}`;
    place += 6;
    if (place + 2 <= end) {
      text += ` csum 0x${wordAt(bytes, place).toString(16)}`;
      place += 2;
    }
  }
  return place === end ? text : text + BAD;
};

const addressLengths: Readonly<Record<number, "ipv4" | "ipv6">> = { 8: "ipv4", 10: "ipv4", 16: "ipv4", 18: "ipv4", 20: "ipv6", 22: "ipv6", 28: "ipv6", 30: "ipv6" }; // prettier-ignore
/** Version 0 says the address's version, version 1 whether it is an echo. */
const addressKinds: Readonly<Record<number, string>> = { 0: "v1", 1: "v1-echo", 4: "v0-ip4", 6: "v0-ip6" };

/** RFC 8684, section 3.4.1. */
const addAddress: Subtype["text"] = (bytes, at, length) => {
  const family = addressLengths[length];
  if (family === undefined) return BAD;
  const kind = addressKinds[bytes[at + 2]! & 0x0f] ?? "[bad version/echo]";
  let place = at + (family === "ipv4" ? 8 : 20);
  let text = ` ${kind} id ${bytes[at + 3]!} ${formatAddress(family, bytes, at + 4)}`;
  const rest = at + length - place;
  if (rest === 2 || rest === 10) {
    text += `:${wordAt(bytes, place)}`;
    place += 2;
  }
  return rest < 8 ? text : `${text} hmac ${hex64(bytes, place)}`;
};

const removeAddress: Subtype["text"] = (bytes, at, length) =>
  length < 4 ? BAD : ` id ${[...bytes.subarray(at + 3, at + length)].join(" ")}`;

const priority: Subtype["text"] = (bytes, at, length) => {
  if (length !== 3 && length !== 4) return BAD;
  const text = (bytes[at + 2]! & 1) === 0 ? " non-backup" : " backup";
  return length === 3 ? text : `${text} id ${bytes[at + 3]!}`;
};

const subtypes: readonly (Subtype | undefined)[] = [
  { name: "capable", text: capable },
  { name: "join", text: join },
  { name: "dss", text: sequence },
  { name: "add-addr", text: addAddress },
  { name: "rem-addr", text: removeAddress },
  { name: "prio", text: priority },
  { name: "fail", text: (bytes, at, length) => (length === 12 ? ` seq ${number64(bytes, at + 4)}` : BAD) },
  { name: "fast-close", text: (bytes, at, length) => (length === 12 ? ` key ${hex64(bytes, at + 4)}` : BAD) },
];
