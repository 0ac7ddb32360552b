/** DNS messages, over UDP, TCP and multicast: kept as bytes, printed in tcpdump's manner. */
import { readBits } from "../integer.ts";
import { foreign, truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import { CUT, dnsText } from "./dns-text.ts";

const HEADER_BYTES = 12;
/** Over TCP the message's length goes before it. */
const LENGTH_BYTES = 2;

/** A message that is less than its header. */
const printUnread: Protocol["printUnread"] = (printer, { offset, end, wireEnd }) => {
  const length = wireEnd - offset;
  printer.text += length > end - offset ? " [|domain]" : `domain [length ${length} < ${HEADER_BYTES}] (invalid)`;
};

/** `4660+ A? example.com. (29)`; without the length where the message is cut. */
const printMessage = (printer: Printer, index: number, multicast: boolean): true => {
  const { bytes, spans } = printer.packet;
  const { offset, end, wireEnd } = spans[index]!;
  const text = dnsText(bytes, offset, end, { level: printer.level, multicast });
  printer.text += text.endsWith(CUT) ? text : `${text} (${wireEnd - offset})`;
  return true;
};

/** A message as it is. */
export interface DnsContent {
  bytes: Uint8Array;
}

export const dns: Protocol<"dns", DnsContent> = {
  name: "dns",
  abbreviation: "domain",
  udpPorts: [53],

  measure: (_bytes, offset, end) => (end - offset < HEADER_BYTES ? truncated : end - offset),

  decode: (bytes, offset, length) => ({ bytes: bytes.subarray(offset, offset + length) }),

  encode: ({ bytes = new Uint8Array(HEADER_BYTES) }) => bytes,

  print: (printer, index) => printMessage(printer, index, false),
  printUnread,
};

/** RFC 6762: a bit of a class says more. */
export const multicastDns: Protocol<"mdns", DnsContent> = {
  ...dns,
  name: "mdns",
  udpPorts: [5353],

  print: (printer, index) => printMessage(printer, index, true),
};

/** A segment that holds one whole message; `bytes` starts with its length. Others are bytes of a stream. */
export const dnsOverTcp: Protocol<"dns-tcp", DnsContent> = {
  name: "dns-tcp",
  abbreviation: "domain",
  tcpPorts: [53],

  measure(bytes, offset, end, step) {
    if (end - offset < LENGTH_BYTES + HEADER_BYTES) return foreign;
    const isWhole = readBits(bytes, offset * 8, 16) === step.wireEnd - offset - LENGTH_BYTES;
    return isWhole ? end - offset : foreign;
  },

  decode: (bytes, offset, length) => ({ bytes: bytes.subarray(offset, offset + length) }),

  encode: ({ bytes = new Uint8Array(LENGTH_BYTES + HEADER_BYTES) }) => bytes,

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, end, wireEnd } = spans[index]!;
    const start = offset + LENGTH_BYTES;
    const text = dnsText(bytes, start, end, { level: printer.level });
    printer.text += text.endsWith(CUT) ? ` ${text}` : ` ${text} (${wireEnd - start})`;
    return true;
  },
};
