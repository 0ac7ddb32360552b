/** IGMP: who wants which multicast groups, in three versions. */
import { formatAddress } from "../address.ts";
import { checksum } from "../checksum.ts";
import { be16, header, u8 } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import type { Printer } from "../packet/protocol.ts";
import { messageProtocol, wordAt, type Message } from "./message.ts";

/** What all messages begin with; a group, or a count of group records, follows. */
export const Igmp = header("Igmp", "RFC 2236, section 2; RFC 3376, section 4", {
  type: u8,
  code: u8,
  checksum: be16,
});

const QUERY = 0x11;
const REPORT_V1 = 0x12;
const DVMRP = 0x13;
const PIM_V1 = 0x14;
const REPORT_V2 = 0x16;
const LEAVE = 0x17;
const REPORT_V3 = 0x22;
const NO_GROUP = "0.0.0.0";

export const igmp = messageProtocol({
  name: "igmp",
  abbreviation: "igmp",
  ipProtocols: [IpProtocol.Igmp],
  layout: Igmp,
  defaults: { type: QUERY },
  checksum: "checksum",

  print(printer, message) {
    const { bytes, offset, end, wireEnd } = message;
    if (printer.quick === true) {
      printer.text += "igmp";
      return true;
    }
    if (offset >= end || !printBody(printer, message)) return false;
    if (
      printer.level > 0 &&
      end === wireEnd &&
      end - offset >= Igmp.size &&
      checksum(bytes, offset, end - offset) !== 0
    )
      printer.text += ` bad igmp cksum ${wordAt(bytes, offset + 2).toString(16)}!`;
    return true;
  },
});

const printBody = (printer: Printer, message: Message): boolean => {
  const { bytes, offset, end, wireEnd } = message;
  const type = bytes[offset]!;
  const hasGroup = offset + 8 <= end;
  const group = hasGroup ? formatAddress("ipv4", bytes, offset + 4) : NO_GROUP;
  switch (type) {
    case QUERY:
      return printQuery(printer, message, group);
    case REPORT_V1:
    case REPORT_V2:
    case LEAVE:
      if (!hasGroup) return false;
      printer.text += type === LEAVE ? `igmp leave ${group}` : `igmp v${type === REPORT_V1 ? 1 : 2} report ${group}`;
      return true;
    case REPORT_V3:
      printer.text += "igmp v3 report";
      return printReport(printer, message);
    case DVMRP:
    case PIM_V1:
      printer.text += `igmp ${type === DVMRP ? "dvmrp" : "pimv1"}, length ${wireEnd - offset}`;
      return true;
    default:
      printer.text += `igmp-${type}`;
      return true;
  }
};

const printQuery = (printer: Printer, { bytes, offset, end, wireEnd }: Message, group: string): boolean => {
  const code = bytes[offset + 1]!;
  const isV3 = wireEnd - offset >= 12;
  printer.text += `igmp query v${isV3 ? 3 : code === 0 ? 1 : 2}`;
  if (isV3) {
    if (offset + 12 > end) return false;
    const tenths = code < 128 ? code : ((code & 0x0f) | 0x10) << (((code >> 4) & 7) + 3);
    if (tenths !== 100) printer.text += ` [max resp time ${tenths < 600 ? `${tenths / 10}s` : duration(tenths)}]`;
    const sources = wordAt(bytes, offset + 10);
    if (group === NO_GROUP && sources > 0) printer.text += " [invalid number of sources]";
    else if (group !== NO_GROUP) {
      const list = printer.level > 1 ? sourceList(bytes, offset + 12, sources, end) : `, ${sources} source(s)`;
      printer.text += ` [gaddr ${group}${sources > 0 ? list : ""}]`;
    }
    return true;
  }
  if (offset + 8 > end) return false;
  if (code !== 0 && code !== 100) printer.text += ` [max resp time ${code}]`;
  if (group !== NO_GROUP) printer.text += ` [gaddr ${group}]`;
  return true;
};

/** `52m54s` */
const duration = (tenths: number): string => {
  const seconds = Math.trunc(tenths / 10);
  return `${Math.trunc(seconds / 60)}m${seconds % 60}s`;
};

const printReport = (printer: Printer, { bytes, offset, end, wireEnd }: Message): boolean => {
  if (wireEnd - offset < 8) {
    printer.text += ` [invalid len ${wireEnd - offset}]`;
    return true;
  }
  if (offset + 8 > end) return false;
  const groups = wordAt(bytes, offset + 6);
  printer.text += `, ${groups} group record(s)`;
  if (printer.level === 0) return true;
  let at = offset + 8;
  for (let group = 0; group < groups; group++) {
    if (at + 8 > wireEnd) {
      printer.text += " [invalid number of groups]";
      return true;
    }
    if (at + 8 > end) return false;
    const sources = wordAt(bytes, at + 2);
    printer.text += ` [gaddr ${formatAddress("ipv4", bytes, at + 4)} ${recordTypes[bytes[at]!] ?? `(${bytes[at]!})`}`;
    if (at + 8 + 4 * sources > wireEnd) {
      printer.text += ` [invalid number of sources ${sources}]`;
      return true;
    }
    printer.text += printer.level > 1 ? sourceList(bytes, at + 8, sources, end) : `, ${sources} source(s)`;
    printer.text += "]";
    at += 8 + 4 * sources;
  }
  return true;
};

const sourceList = (bytes: Uint8Array, start: number, sources: number, end: number): string => {
  let text = " {";
  for (let at = start; at < start + sources * 4 && at + 4 <= end; at += 4)
    text += ` ${formatAddress("ipv4", bytes, at)}`;
  return `${text} }`;
};

const recordTypes = ["", "is_in", "is_ex", "to_in", "to_ex", "allow", "block"] as const;
