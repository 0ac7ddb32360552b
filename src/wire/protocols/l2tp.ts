/** L2TP, version 2: tunnels of PPP over UDP, and the messages that set them up. */
import { be16, header } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import { printL2tpAttributes } from "./l2tp-attributes.ts";
import { Message, messageProtocol, wordAt, type MessageContent } from "./message.ts";

/** Flags say which fields follow: length, tunnel and session, sequence numbers, an offset. */
export const L2tp = header("L2tp", "RFC 2661, section 3.1", { flagsAndVersion: be16 });

const CONTROL = 0x8000;
const LENGTH = 0x4000;
const SEQUENCE = 0x0800;
const OFFSET = 0x0200;
const PRIORITY = 0x0100;
const VERSION = 0x000f;
/** HDLC's address and control, which PPP may begin with (RFC 1662, section 3.1). */
const ALL_STATIONS = 0xff03;

const message = messageProtocol({
  name: "l2tp",
  abbreviation: "l2tp",
  udpPorts: [1701],
  layout: L2tp,
  defaults: { flagsAndVersion: CONTROL | LENGTH | SEQUENCE | 2 },

  print(printer, whole) {
    printL2tp(printer, whole);
    return true;
  },
});

export const l2tp: Protocol<"l2tp", MessageContent<{ flagsAndVersion: number }>> = {
  ...message,

  /** Of a data message the header, with what PPP has before its own. */
  measure(bytes, offset, end, step) {
    if (end - offset < L2tp.size) return truncated;
    const flags = wordAt(bytes, offset);
    if (!isData(flags)) return end - offset;
    let length = dataHeader(bytes, offset, end, flags);
    if (offset + length > end) return truncated;
    if (offset + length + 2 <= end && wordAt(bytes, offset + length) === ALL_STATIONS) length += 2;
    if ((flags & LENGTH) !== 0) {
      const own = wordAt(bytes, offset + 2);
      if (own >= length && offset + own <= step.wireEnd) step.bound(offset + own);
    }
    step.follow("etherType", EtherType.Ppp);
    return length;
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, end, wireEnd } = spans[index]!;
    if (!isData(wordAt(bytes, offset))) return message.print?.(printer, index) ?? true;
    const around = spans[index - 1]?.wireEnd ?? wireEnd;
    const own = new Message(bytes, offset, end, around, index);
    if (!printL2tp(printer, own)) return true;
    printer.text += " {";
    printer.ending += "}";
    return false;
  },
};

const isData = (flags: number): boolean => (flags & CONTROL) === 0 && (flags & VERSION) === 2;

/** Bytes of a data message's header, as far as its flags and its offset say. */
const dataHeader = (bytes: Uint8Array, offset: number, end: number, flags: number): number => {
  const length = 6 + ((flags & LENGTH) === 0 ? 0 : 2) + ((flags & SEQUENCE) === 0 ? 0 : 4);
  if ((flags & OFFSET) === 0) return length;
  return length + 2 + (offset + length + 2 <= end ? wordAt(bytes, offset + length) : 0);
};

/** The header, and what a control message says; true where data follows. */
const printL2tp = (printer: Printer, own: Message): boolean => {
  const { offset, wireEnd } = own;
  const flags = own.word(offset);
  if ((flags & VERSION) !== 2) {
    printer.text += (flags & VERSION) === 1 ? " l2f:" : " Unknown Version, neither L2F(1) nor L2TP(2)";
    return false;
  }
  printer.text += ` l2tp:[${letters.flatMap(([bit, letter]) => ((flags & bit) === 0 ? [] : [letter])).join("")}]`;
  let at = offset + 2;
  let length = wireEnd - offset;
  if ((flags & LENGTH) !== 0) {
    length = own.word(at);
    at += 2;
  }
  printer.text += `(${own.word(at)}/`;
  printer.text += `${own.word(at + 2)})`;
  at += 4;
  if ((flags & SEQUENCE) !== 0) {
    printer.text += `Ns=${own.word(at)},`;
    printer.text += `Nr=${own.word(at + 2)}`;
    at += 4;
  }
  if ((flags & OFFSET) !== 0) {
    const padding = own.word(at);
    own.need(at + 2, padding);
    at += 2 + padding;
  }
  if ((flags & LENGTH) !== 0) {
    if (length > wireEnd - offset) printer.text += ` Length ${length} larger than packet`;
    else if (length < at - offset) printer.text += ` Length ${length} smaller than header length`;
    if (length > wireEnd - offset || length < at - offset) return false;
  } else if (at > wireEnd) {
    printer.text += " Packet too short";
    return false;
  }
  if ((flags & CONTROL) === 0) return true;
  if ((flags & LENGTH) === 0) printer.text += " No length";
  else if (length === at - offset) printer.text += " ZLB";
  else printL2tpAttributes(printer, own, at, offset + length);
  return false;
};

const letters = [[CONTROL, "T"], [LENGTH, "L"], [SEQUENCE, "S"], [OFFSET, "O"], [PRIORITY, "P"]] as const; // prettier-ignore
