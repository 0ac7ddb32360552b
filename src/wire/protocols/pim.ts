/** PIM: which message routers of multicast send each other, and with `-v` what it says. */
import { be16, bits, header, u8 } from "../layout.ts";
import { EtherType, IpProtocol } from "../numbers.ts";
import { isClaimed, truncated, type Printer } from "../packet/protocol.ts";
import { checksum } from "../checksum.ts";
import { isOverIpv6, transportSum } from "./ip-text.ts";
import { messageProtocol, type Message } from "./message.ts";
import { pimName, printPim } from "./pim-text.ts";

/** What version 2's messages begin with. */
export const Pim = header("Pim", "RFC 7761, section 4.9", {
  version: bits(4),
  type: bits(4),
  reserved: u8,
  checksum: be16,
});

const REGISTER = 0x21;
/** Flags behind the header; the packet that is registered follows (RFC 7761, section 4.9.3). */
const REGISTER_BYTES = 8;

const message = messageProtocol({
  name: "pim",
  abbreviation: "pimv2",
  ipProtocols: [IpProtocol.Pim],
  layout: Pim,
  defaults: { version: 2 },
  checksum: "checksum",

  measure(bytes, offset, end, step) {
    if (end - offset < Pim.size) return truncated;
    if (bytes[offset] !== REGISTER || end - offset <= REGISTER_BYTES) return end - offset;
    const version = bytes[offset + REGISTER_BYTES]! >> 4;
    if (version !== 4 && version !== 6) return end - offset;
    step.follow("etherType", version === 4 ? EtherType.Ipv4 : EtherType.Ipv6);
    return REGISTER_BYTES;
  },

  print(printer, own) {
    const { bytes, offset, end, wireEnd } = own;
    if (end - offset < 1) return false;
    const version = bytes[offset]! >> 4;
    printer.text += `PIMv${version}`;
    const type = bytes[offset]! & 0x0f;
    const length = wireEnd - offset;
    if (version === 2 && printer.level === 0) printer.text += `, ${pimName(type)}`;
    printer.text += `, length ${length}`;
    if (version !== 2 || printer.level === 0) return true;
    printer.text += `\n\t${pimName(type)}`;
    if (length < Pim.size) {
      printer.text += `[length ${length} < ${length < 2 ? 2 : Pim.size}] (invalid)`;
      return true;
    }
    printChecksum(printer, own);
    printPim(printer, own, type);
    return true;
  },
});

export const pim: typeof message = {
  ...message,

  print(printer, index) {
    message.print!(printer, index);
    if (printer.level === 0 || !isClaimed(printer.packet, index)) return true;
    printer.text += "\n\t";
    return false;
  },
};

/** Registers are summed up without the packet within (RFC 7761, section 4.9). */
const printChecksum = (printer: Printer, own: Message): void => {
  const { offset, end, wireEnd } = own;
  const found = own.word(offset + 2);
  printer.text += `, cksum 0x${found.toString(16).padStart(4, "0")} `;
  if (found === 0) printer.text += "(unverified)";
  else if (end === wireEnd) printer.text += isRight(printer, own) ? "(correct)" : "(incorrect)";
};

const isRight = (printer: Printer, { bytes, offset, end, index }: Message): boolean => {
  if (bytes[offset] === REGISTER && checksum(bytes, offset, Math.min(REGISTER_BYTES, end - offset)) === 0) return true;
  if (isOverIpv6(printer.packet, index)) return transportSum(printer, index, IpProtocol.Pim) === 0;
  return checksum(bytes, offset, end - offset) === 0;
};
