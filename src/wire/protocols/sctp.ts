/** SCTP: its chunks, one by one. */
import { be16, be32, header } from "../layout.ts";
import { hexDump } from "../line/hex-dump.ts";
import { IpProtocol } from "../numbers.ts";
import type { Printer } from "../packet/protocol.ts";
import { longAt, messageProtocol, wordAt, type Message } from "./message.ts";

/** Chunks follow: type, flags and length, padded to 4 bytes. The checksum is a CRC32c. */
export const Sctp = header("Sctp", "RFC 9260, section 3.1", {
  sourcePort: be16,
  destinationPort: be16,
  tag: be32,
  checksum: be32,
});

const CHUNK_BYTES = 4;
const DATA = 0;
const INIT = 1;
const INIT_ACK = 2;
const SACK = 3;

export const sctp = messageProtocol({
  name: "sctp",
  abbreviation: "sctp",
  ipProtocols: [IpProtocol.Sctp],
  layout: Sctp,

  print(printer, message) {
    const { bytes, offset, end, wireEnd } = message;
    if (end - offset < Sctp.size && end < wireEnd) return false;
    if (end - offset < Sctp.size) {
      printer.text += `truncated-sctp - ${Sctp.size - (end - offset)} bytes missing!`;
      return true;
    }
    printer.text += "sctp";
    let at = offset + Sctp.size;
    for (let number = 1; at < wireEnd; number++) {
      if (at + CHUNK_BYTES <= end && at + wordAt(bytes, at + 2) > wireEnd) return false;
      printer.text += printer.level > 1 ? `\n\t${number}) ` : `${number > 1 ? ", " : " "}(${number}) `;
      if (at + CHUNK_BYTES > wireEnd) {
        printer.text += "[chunk descriptor cut off at end of packet]";
        return true;
      }
      if (at + CHUNK_BYTES > end) return false;
      const length = wordAt(bytes, at + 2);
      if (length < CHUNK_BYTES) {
        printer.text += `[Bad chunk length ${length}, < size of chunk descriptor]`;
        return true;
      }
      printer.text += `[${names[bytes[at]!] ?? `Unknown chunk type: 0x${bytes[at]!.toString(16)}`}] `;
      if (!printChunk(printer, message, at)) return false;
      at += (length + 3) & ~3;
    }
    return true;
  },
});

/** The fields of a chunk; false where they are cut. */
const printChunk = (printer: Printer, { bytes, end }: Message, at: number): boolean => {
  const long = (place: number): number => longAt(bytes, at + place);
  const word = (place: number): number => wordAt(bytes, at + place);
  switch (bytes[at]!) {
    case DATA: {
      const flags = bytes[at + 1]!;
      if (at + 16 > end) return false;
      printer.text += `${(flags & 4) === 0 ? "" : "(U)"}${(flags & 2) === 0 ? "" : "(B)"}${(flags & 1) === 0 ? "" : "(E)"}${(flags & 7) === 0 ? "" : " "}`;
      printer.text += `[TSN: ${long(4)}] [SID: ${word(8)}] [SSEQ ${word(10)}] [PPID 0x${long(12).toString(16)}] `;
      if (printer.level > 1) {
        const contentsEnd = Math.min(end, at + wordAt(bytes, at + 2));
        printer.text += `[Payload:${hexDump(bytes, at + 16, contentsEnd, true)}]`;
      }
      return true;
    }
    case INIT:
    case INIT_ACK:
      if (at + 20 > end) return false;
      printer.text += `[init tag: ${long(4)}] [rwnd: ${long(8)}] [OS: ${word(12)}] [MIS: ${word(14)}] [init TSN: ${long(16)}] `;
      return true;
    case SACK:
      if (at + 16 > end) return false;
      printer.text += `[cum ack ${long(4)}] [a_rwnd ${long(8)}] [#gap acks ${word(12)}] [#dup tsns ${word(14)}] `;
      return printGaps(printer, bytes, at, end);
    default:
      return true;
  }
};

/** Of an acknowledgement: each block of what came behind a hole, on a line; then what came twice. */
const printGaps = (printer: Printer, bytes: Uint8Array, at: number, end: number): boolean => {
  const [gaps, duplicates] = [wordAt(bytes, at + 12), wordAt(bytes, at + 14)] as const;
  const chunkEnd = Math.min(end, at + wordAt(bytes, at + 2));
  const acknowledged = longAt(bytes, at + 4);
  let place = at + 16;
  for (let number = 1; number <= gaps; number++, place += 4) {
    if (place + 4 > chunkEnd) return false;
    printer.text += `\n\t\t[gap ack block #${number}: start = ${(acknowledged + wordAt(bytes, place)) >>> 0}, end = ${(acknowledged + wordAt(bytes, place + 2)) >>> 0}] `;
  }
  for (let number = 1; number <= duplicates; number++, place += 4) {
    if (place + 4 > chunkEnd) return false;
    printer.text += `\n\t\t[dup TSN #${number}: ${longAt(bytes, place)}] `;
  }
  return true;
};

const names: Readonly<Record<number, string>> = {
  [DATA]: "DATA",
  [INIT]: "INIT",
  [INIT_ACK]: "INIT ACK",
  [SACK]: "SACK",
  4: "HB REQ",
  5: "HB ACK",
  6: "ABORT",
  7: "SHUTDOWN",
  8: "SHUTDOWN ACK",
  9: "OP ERR",
  10: "COOKIE ECHO",
  11: "COOKIE ACK",
  12: "ECN ECHO",
  13: "ECN CWR",
  14: "SHUTDOWN COMPLETE",
  0xc0: "FOR CUM TSN",
};
