/** DNS messages: kept as bytes, printed in tcpdump's manner. */
import { truncated, type Protocol } from "../packet/protocol.ts";
import { dnsText } from "./dns-text.ts";

const HEADER_BYTES = 12;

export const dns: Protocol<"dns", { bytes: Uint8Array }> = {
  name: "dns",
  abbreviation: "domain",
  udpPorts: [53],

  measure: (_bytes, offset, end) => (end - offset < HEADER_BYTES ? truncated : end - offset),

  decode: (bytes, offset, length) => ({ bytes: bytes.subarray(offset, offset + length) }),

  encode: ({ bytes = new Uint8Array(HEADER_BYTES) }) => bytes,

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, end, wireEnd } = spans[index]!;
    printer.text += `${dnsText(bytes, offset, end, printer.level > 0)} (${wireEnd - offset})`;
    return true;
  },
};
