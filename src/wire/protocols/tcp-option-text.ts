/** TCP's options as a line prints them. */
import { readInteger } from "../integer.ts";
import { be16, be32 } from "../layout.ts";
import { TcpOptionType } from "./tcp-options.ts";

/**
 * `nop,nop,TS val 77 ecr 0`. Edges of selective acknowledgments are told from `base` on, and are known only to segments that
 * acknowledge.
 */
export const tcpOptionTexts = (
  bytes: Uint8Array,
  offset: number,
  end: number,
  acknowledges: boolean,
  base: number,
): string => {
  let text = "";
  for (let at = offset; at < end;) {
    const type = bytes[at]!;
    if (at > offset) text += ",";
    if (type === TcpOptionType.NoOperation || type === TcpOptionType.EndOfList) {
      text += names[type];
      if (type === TcpOptionType.EndOfList) return text;
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    if (length < 2 || at + length > end) return `${text}[bad opt]`;
    const known = readers[type];
    text += names[type] ?? `unknown-${type}`;
    if (type === TcpOptionType.Sack) text += sackText(bytes, at + 2, length - 2, acknowledges, base);
    else if (known === undefined) text += hexText(bytes, at + 2, length - 2);
    else if (known.size > end - at - 2) return `${text}[bad opt]`;
    else text += known.text(bytes, at + 2) + (known.size === length - 2 ? "" : `[len ${length}]`);
    // What an option is by its type counts more than what it says of its length.
    at += known === undefined ? length : known.size + 2;
  }
  return text;
};

const sackText = (bytes: Uint8Array, offset: number, length: number, acknowledges: boolean, base: number): string => {
  if (length % 8 !== 0 || !acknowledges) return ` malformed sack [len ${length}] [len ${length + 2}]`;
  let text = ` ${length / 8} `;
  for (let at = offset; at < offset + length; at += 8) {
    const [left, right] = [readInteger(be32, bytes, at) as number, readInteger(be32, bytes, at + 4) as number];
    text += `{${(left - base) >>> 0}:${(right - base) >>> 0}}`;
  }
  return text;
};

const hexText = (bytes: Uint8Array, offset: number, length: number): string => {
  let text = length > 0 ? " 0x" : "";
  for (let at = offset; at < offset + length; at++) text += bytes[at]!.toString(16).padStart(2, "0");
  return text;
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
};
