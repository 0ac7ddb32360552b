/** PPP frames within PPPoE: what they carry, and what sets links up. */
import { encodeLayout, readLayout } from "../codec.ts";
import { be16, header, u8, type TypeOf } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { isClaimed, truncated, type Protocol } from "../packet/protocol.ts";
import { messageProtocol, wordAt } from "./message.ts";
import { printPppControl } from "./ppp-control-text.ts";
import { hexDump } from "../line/hex-dump.ts";

/** The protocol's number, uncompressed. */
export const Ppp = header("Ppp", "RFC 1661, section 2", { protocol: be16 });

const ALL_STATIONS = 0xff03;
const IPV4 = 0x0021;
const IPV6 = 0x0057;
const carried: Readonly<Record<number, { readonly name: string; readonly etherType: number }>> = {
  [IPV4]: { name: "IP", etherType: EtherType.Ipv4 },
  [IPV6]: { name: "IP6", etherType: EtherType.Ipv6 },
  0x0281: { name: "MPLS", etherType: EtherType.Mpls },
};
const authentications: Readonly<Record<number, string>> = { 0xc023: "PAP", 0xc223: "CHAP" };
const controls: Readonly<Record<number, string>> = { 0xc021: "LCP", 0x8021: "IPCP", 0x8057: "IP6CP", 0x80fd: "CCP" };

export const ppp: Protocol<"ppp", { header: TypeOf<typeof Ppp> }> = {
  name: "ppp",
  abbreviation: "ppp",
  etherTypes: [EtherType.Ppp],

  measure(bytes, offset, end, step) {
    if (end - offset < Ppp.size) return truncated;
    const protocol = wordAt(bytes, offset);
    const known = carried[protocol];
    if (known === undefined) step.follow("pppProtocol", protocol);
    else step.follow("etherType", known.etherType);
    return Ppp.size;
  },

  decode: (bytes, offset) => ({ header: readLayout(Ppp, bytes, offset) }),

  encode({ header: given = {} }, context) {
    const etherType = context.next("etherType");
    const found = Object.keys(carried).find((number) => carried[Number(number)]!.etherType === etherType);
    return encodeLayout(Ppp, { protocol: given.protocol ?? context.next("pppProtocol") ?? Number(found ?? IPV4) });
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, length, end, wireEnd } = spans[index]!;
    // Behind HDLC's address and control, which count.
    const size = wireEnd - offset + (spans[index - 1]?.protocol.name === "l2tp" && wordAt(bytes, offset - 2) === ALL_STATIONS ? 2 : 0); // prettier-ignore
    const protocol = wordAt(bytes, offset);
    const name = carried[protocol]?.name ?? controls[protocol] ?? authentications[protocol];
    const number = `0x${protocol.toString(16).padStart(4, "0")}`;
    if (printer.link === true) printer.text += `${name ?? "unknown"} (${number}), length ${size}`;
    const isKnown = isClaimed(printer.packet, index);
    if (printer.link === true && name === undefined) return true;
    if (printer.link === true) printer.text += ": ";
    if (isKnown) return false;
    if (name !== undefined) {
      printer.text += `${name}, length ${wireEnd - offset}`;
      return true;
    }
    printer.text += `unknown PPP protocol (${number})`;
    printer.text += hexDump(bytes, offset + length, end, false);
    return true;
  },
};

/** LCP and the control protocols of what PPP carries: one form (RFC 1661, section 5). */
export const PppControl = header("PppControl", "RFC 1661, section 5", { code: u8, identifier: u8, length: be16 });

export const pppControl = messageProtocol({
  name: "ppp-control",
  abbreviation: "ppp",
  pppProtocols: [0xc021, 0x8021, 0x8057, 0x80fd],
  layout: PppControl,
  defaults: { code: 1, length: PppControl.size },

  print(printer, message) {
    const { bytes, offset, end, wireEnd, index } = message;
    if (offset + PppControl.size > end) return false;
    const code = bytes[offset]!;
    const number = `0x${code.toString(16).padStart(2, "0")}`;
    const protocol = wordAt(bytes, printer.packet.spans[index - 1]!.offset);
    const name = controls[protocol]!;
    printer.text += `${name}, ${codes[code - 1] ?? "Unknown Opcode"} (${number}), id ${bytes[offset + 1]!}, length ${wireEnd - offset + Ppp.size}`;
    if (printer.level > 0) printPppControl(printer, message, protocol, (number) => controls[number] ?? "unknown");
    return true;
  },
});

const codes = ["Conf-Request", "Conf-Ack", "Conf-Nack", "Conf-Reject", "Term-Request", "Term-Ack", "Code-Reject", "Prot-Reject", "Echo-Request", "Echo-Reply", "Disc-Req"] as const; // prettier-ignore
