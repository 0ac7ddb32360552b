/** NTP: the first byte says what a message is. */
import { be32, bits, header, be64, u8 } from "../layout.ts";
import { messageProtocol } from "./message.ts";

/** Delay and dispersion are seconds with 16 bits of fraction; times seconds since 1900 with 32. */
export const Ntp = header("Ntp", "RFC 5905, section 7.3", {
  leap: bits(2),
  version: bits(3),
  mode: bits(3),
  stratum: u8,
  poll: u8,
  precision: u8,
  rootDelay: be32,
  rootDispersion: be32,
  referenceId: be32,
  reference: be64,
  origin: be64,
  receive: be64,
  transmit: be64,
});

export const ntp = messageProtocol({
  name: "ntp",
  abbreviation: "ntp",
  udpPorts: [123],
  layout: Ntp,
  defaults: { version: 4, mode: 3 },

  print(printer, { bytes, offset, end, wireEnd }) {
    if (offset >= end) return false;
    const first = bytes[offset]!;
    printer.text += `NTPv${(first >> 3) & 7}, ${modes[first & 7]}, length ${wireEnd - offset}`;
    return true;
  },
});

const modes = [
  "unspecified",
  "symmetric active",
  "symmetric passive",
  "Client",
  "Server",
  "Broadcast",
  "Control Message",
  "Reserved",
] as const;
