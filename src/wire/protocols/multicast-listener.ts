/** MLD: who wants which multicast groups of IPv6, in two versions. */
import type { Printer } from "../packet/protocol.ts";
import type { Message } from "./message.ts";

const QUERY = 130;
const REPORT = 131;
const DONE = 132;
const REPORT_V2 = 143;
const names: Readonly<Record<number, string>> = {
  [QUERY]: "multicast listener query",
  [REPORT]: "multicast listener report",
  [DONE]: "multicast listener done",
  [REPORT_V2]: "multicast listener report v2",
};

/** Whether messages of this type are of MLD. */
export const isMulticastListener = (type: number): boolean => names[type] !== undefined;

/** RFC 2710, section 3: a group, and how long to wait. */
const V1_BYTES = 24;
/** RFC 3810, section 5.1. */
const QUERY_V2_BYTES = 28;

/** What the message at `message.offset` says. */
export const printMulticastListener = (printer: Printer, message: Message): void => {
  const { offset, end, wireEnd } = message;
  const type = message.byte(offset);
  const length = wireEnd - offset;
  printer.text += names[type]!;
  if (type === REPORT_V2) printReport(printer, message, length);
  else if (type === QUERY && length >= QUERY_V2_BYTES) printQuery(printer, message);
  else if (type === QUERY && length !== V1_BYTES) printer.text += ` unknown-version (len ${length}) `;
  else if (end - offset >= V1_BYTES)
    // tcpdump leaves no space there.
    printer.text += `max resp delay: ${message.word(offset + 4)} addr: ${message.address("ipv6", offset + 8)}`;
};

const printQuery = (printer: Printer, message: Message): void => {
  const { offset, wireEnd } = message;
  printer.text += " v2";
  const isVerbose = printer.level > 0;
  // RFC 3810, sections 5.1.3 and 5.1.9: numbers above half of what there is room for have an exponent.
  const code = message.word(offset + 4);
  const delay = code < 0x8000 ? code : ((code & 0x0fff) | 0x1000) << (((code >> 12) & 7) + 3);
  if (isVerbose) printer.text += ` [max resp delay=${delay}]`;
  printer.text += ` [gaddr ${message.address("ipv6", offset + 8)}`;
  const flags = message.byte(offset + 24);
  if (isVerbose) {
    const interval = message.byte(offset + 25);
    const seconds = interval < 0x80 ? interval : ((interval & 0x0f) | 0x10) << (((interval >> 4) & 7) + 3);
    printer.text += `${(flags & 8) === 0 ? "" : " sflag"}${(flags & 7) === 0 ? "" : ` robustness=${flags & 7}`} qqi=${seconds}`;
  }
  const sources = message.word(offset + 26);
  if (sources > 0) {
    if (offset + QUERY_V2_BYTES + sources * 16 > wireEnd) printer.text += " [invalid number of sources]";
    else printSources(printer, message, offset + QUERY_V2_BYTES, sources);
  }
  printer.text += "]";
};

/** RFC 3810, section 5.2. */
const printReport = (printer: Printer, message: Message, length: number): void => {
  const { offset, wireEnd } = message;
  if (length < 8) {
    printer.text += ` [invalid len ${length}]`;
    return;
  }
  const groups = message.word(offset + 6);
  printer.text += `, ${groups} group record(s)`;
  if (printer.level === 0) return;
  let at = offset + 8;
  for (let group = 0; group < groups; group++) {
    if (at + 20 > wireEnd) {
      printer.text += " [invalid number of groups]";
      return;
    }
    const type = message.byte(at);
    const sources = message.word(at + 2);
    printer.text += ` [gaddr ${message.address("ipv6", at + 4)} ${recordTypes[type] ?? ` [v2-report-#${type}]`}`;
    if (at + 20 + sources * 16 > wireEnd) {
      printer.text += ` [invalid number of sources ${sources}]`;
      return;
    }
    printSources(printer, message, at + 20, sources);
    printer.text += "]";
    at += 20 + sources * 16;
  }
};

const printSources = (printer: Printer, message: Message, at: number, sources: number): void => {
  if (printer.level < 2) {
    printer.text += `, ${sources} source(s)`;
    return;
  }
  printer.text += " {";
  for (let index = 0; index < sources; index++) printer.text += ` ${message.address("ipv6", at + index * 16)}`;
  printer.text += " }";
};

const recordTypes: Readonly<Record<number, string>> = { 1: "is_in", 2: "is_ex", 3: "to_in", 4: "to_ex", 5: "allow", 6: "block" }; // prettier-ignore
