/** Bytes as tcpdump shows them under a packet's line: each line on its own, starting with a line break. */

const PER_LINE = 16;
/** Eight groups of two bytes, each with a space before it. */
const HEX_COLUMNS = 40;

/** `\t0x0000:  4500 0054 …`, with their characters behind them where `characters` says so. */
export const hexDump = (bytes: Uint8Array, from: number, to: number, characters: boolean, indent = "\t"): string => {
  let text = "";
  for (let line = from; line < to; line += PER_LINE) {
    const end = Math.min(line + PER_LINE, to);
    let groups = "";
    for (let at = line; at < end; at += 2) groups += ` ${hex2(bytes[at]!)}${at + 1 < end ? hex2(bytes[at + 1]!) : ""}`;
    text += `\n${indent}0x${(line - from).toString(16).padStart(4, "0")}: `;
    text += characters ? `${groups.padEnd(HEX_COLUMNS)}  ${plain(bytes, line, end)}` : groups;
  }
  return text;
};

/** The characters alone: line breaks break lines, and what cannot be seen is a dot. */
export const characterDump = (bytes: Uint8Array, from: number, to: number): string => {
  let text = from < to ? "\n" : "";
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    // A carriage return before a line break belongs to it; tcpdump leaves out one in the last two bytes, too.
    if (byte === 0x0d && (at + 2 >= to || bytes[at + 1] === 0x0a)) continue;
    text += byte === 0x0a || byte === 0x09 || isPlain(byte) ? String.fromCharCode(byte) : ".";
  }
  return text;
};

const plain = (bytes: Uint8Array, from: number, to: number): string => {
  let text = "";
  for (let at = from; at < to; at++) text += isVisible(bytes[at]!) ? String.fromCharCode(bytes[at]!) : ".";
  return text;
};

const isVisible = (byte: number): boolean => byte > 0x20 && byte < 0x7f;
const isPlain = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;
const hex2 = (byte: number): string => byte.toString(16).padStart(2, "0");
