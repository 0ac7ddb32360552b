/** TCP's options as a line prints them. */
import { readInteger } from "../integer.ts";
import { be16, be32 } from "../layout.ts";
import { hex4 } from "./ip-text.ts";
import { hexOf, wordAt } from "./message.ts";
import { BAD, mptcpText } from "./mptcp-option-text.ts";
import { TcpOptionType } from "./tcp-options.ts";

/**
 * `nop,nop,TS val 77 ecr 0]`: with `isBad` the packet's line ends there. Edges of selective acknowledgments are told from
 * `base` on. `flags`: of the segment.
 */
export const tcpOptionTexts = (
  bytes: Uint8Array,
  offset: number,
  end: number,
  flags: number,
  base: number,
): { readonly text: string; readonly isBad: boolean } => {
  let text = "";
  for (let at = offset; at < end;) {
    const type = bytes[at]!;
    if (at > offset) text += ",";
    if (type === TcpOptionType.NoOperation || type === TcpOptionType.EndOfList) {
      text += names[type];
      if (type === TcpOptionType.EndOfList) break;
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    const known = readers[type];
    const isWhole = length >= 2 && at + length <= end;
    if (isWhole) text += names[type] ?? `unknown-${type}`;
    if (!isWhole || (known !== undefined && known.size > end - at - 2)) text += BAD;
    else if (type === TcpOptionType.Sack) text += sackText(bytes, at + 2, length - 2, base);
    else if (known !== undefined)
      text += known.text(bytes, at + 2) + (known.size === length - 2 ? "" : `[len ${length}]`);
    else text += (freeForms[type] ?? hexText)(bytes, at + 2, length - 2, flags);
    // The list's bracket stays open where the first option is bad.
    if (text.endsWith(BAD)) return { text: at > offset ? `${text}]` : text, isBad: true };
    // What an option is by its type counts more than what it says of its length.
    at += known === undefined ? length : known.size + 2;
  }
  return { text: `${text}]`, isBad: false };
};

const sackText = (bytes: Uint8Array, offset: number, length: number, base: number): string => {
  if (length % 8 !== 0) return " invalid sack";
  let text = ` ${length / 8} `;
  for (let at = offset; at < offset + length; at += 8) {
    const [left, right] = [readInteger(be32, bytes, at) as number, readInteger(be32, bytes, at + 4) as number];
    text += `{${(left - base) >>> 0}:${(right - base) >>> 0}}`;
  }
  return text;
};

const hexText = (bytes: Uint8Array, offset: number, length: number): string =>
  length > 0 ? ` 0x${hexOf(bytes, offset, offset + length)}` : "";

/** RFC 7413, section 4.1.1: none is asked for, or 4 to 16 bytes. */
const cookieText = (bytes: Uint8Array, offset: number, length: number): string => {
  if (length === 0) return " cookiereq";
  return length % 2 !== 0 || length < 4 || length > 16 ? " (invalid)" : ` cookie ${hexOf(bytes, offset, offset + length)}`; // prettier-ignore
};

/** Kind 254 says in two bytes what it tries out (RFC 6994). */
const experimentText = (bytes: Uint8Array, offset: number, length: number): string => {
  if (length < 2) return BAD;
  const experiment = wordAt(bytes, offset);
  if (experiment === FAST_OPEN_EXPERIMENT) return `-tfo${cookieText(bytes, offset + 2, length - 2)}`;
  return `-${hex4(experiment)}`;
};
const FAST_OPEN_EXPERIMENT = 0xf989;

/** RFC 5925, section 2.2. */
const authenticationText = (bytes: Uint8Array, offset: number, length: number): string => {
  if (length < 2) return " (invalid)";
  const mac = length > 2 ? ` mac 0x${hexOf(bytes, offset + 2, offset + length)}` : "";
  return ` keyid ${bytes[offset]!} rnextkeyid ${bytes[offset + 1]!}${mac}`;
};

/** Those whose length says how they are to be read; they get the segment's flags. */
const freeForms: Readonly<
  Record<number, (bytes: Uint8Array, offset: number, length: number, flags: number) => string>
> = {
  19: (bytes, offset, length) => (length === MD5_BYTES ? hexText(bytes, offset, length) : BAD),
  29: authenticationText,
  30: (bytes, offset, length, flags) => mptcpText(bytes, offset - 2, length + 2, flags),
  34: (bytes, offset, length) => ` ${cookieText(bytes, offset, length)}`,
  254: experimentText,
};
/** RFC 2385, section 3. */
const MD5_BYTES = 16;

/** RFC 5482, section 3: seconds, or minutes where the first bit says so. */
const timeoutText = (bytes: Uint8Array, offset: number): string => {
  const value = wordAt(bytes, offset);
  return ` 0x${value.toString(16)} ${(value & 0x7fff) * (value > 0x7fff ? 60 : 1)}`;
};

const names: Readonly<Record<number, string>> = {
  [TcpOptionType.EndOfList]: "eol",
  [TcpOptionType.NoOperation]: "nop",
  [TcpOptionType.MaximumSegmentSize]: "mss",
  [TcpOptionType.WindowScale]: "wscale",
  [TcpOptionType.SackPermitted]: "sackOK",
  [TcpOptionType.Sack]: "sack",
  [TcpOptionType.Timestamps]: "TS",
  6: "echo",
  7: "echoreply",
  11: "cc",
  12: "ccnew",
  13: "ccecho",
  19: "md5",
  20: "scps",
  28: "uto",
  29: "tcp-ao",
  30: "mptcp",
  34: "tfo",
  254: "exp",
};

interface Reader {
  readonly size: number;
  readonly text: (bytes: Uint8Array, offset: number) => string;
}

const number16: Reader = { size: 2, text: (bytes, offset) => ` ${readInteger(be16, bytes, offset)}` };
const number32: Reader = { size: 4, text: (bytes, offset) => ` ${readInteger(be32, bytes, offset)}` };

const readers: Readonly<Record<number, Reader>> = {
  [TcpOptionType.MaximumSegmentSize]: number16,
  [TcpOptionType.WindowScale]: { size: 1, text: (bytes, offset) => ` ${bytes[offset]}` },
  [TcpOptionType.SackPermitted]: { size: 0, text: () => "" },
  [TcpOptionType.Timestamps]: {
    size: 8,
    text: (bytes, offset) => ` val ${readInteger(be32, bytes, offset)} ecr ${readInteger(be32, bytes, offset + 4)}`,
  },
  6: number32,
  7: number32,
  11: number32,
  12: number32,
  13: number32,
  20: { size: 2, text: (bytes, offset) => ` cap ${hexOf(bytes, offset, offset + 1)} id ${bytes[offset + 1]!}` },
  28: { size: 2, text: timeoutText },
};
