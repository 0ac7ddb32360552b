/** The options that TCP segments have as a rule, as bytes of text. */
import { putNumber } from "./line-writer.ts";
import { putText } from "./put-address.ts";

const NOP = 1;
const TIMESTAMPS = 8;
const COMMA = 0x2c;
const CLOSE = 0x5d;

/** What an option's length has to be: nop, mss, wscale, sackOK, TS. Others are not written here. */
const lengths = new Uint8Array(256);
lengths.set([1, 4, 3, 2], NOP);
lengths[TIMESTAMPS] = 10;

const names = ["", "nop", "mss ", "wscale ", "sackOK"];

/** Whether all options are of these, and as they should be. */
export const fastTcpOptions = (bytes: Uint8Array, offset: number, end: number): boolean => {
  for (let at = offset; at < end;) {
    const length = lengths[bytes[at]!]!;
    if (length === 0 || at + length > end || (length > 1 && bytes[at + 1] !== length)) return false;
    at += length;
  }
  return true;
};

/** Writes `, options [nop,nop,TS val 77 ecr 0]`; returns where it ends. */
export const putTcpOptions = (
  to: Uint8Array,
  start: number,
  bytes: Uint8Array,
  offset: number,
  end: number,
): number => {
  let place = putText(to, start, ", options [");
  for (let at = offset; at < end;) {
    if (at > offset) to[place++] = COMMA;
    const type = bytes[at]!;
    const length = lengths[type]!;
    if (type === TIMESTAMPS) {
      place = putNumber(to, putText(to, place, "TS val "), long(bytes, at + 2));
      place = putNumber(to, putText(to, place, " ecr "), long(bytes, at + 6));
    } else {
      place = putText(to, place, names[type]!);
      if (length === 4) place = putNumber(to, place, (bytes[at + 2]! << 8) | bytes[at + 3]!);
      else if (length === 3) place = putNumber(to, place, bytes[at + 2]!);
    }
    at += length;
  }
  to[place] = CLOSE;
  return place + 1;
};

const long = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
