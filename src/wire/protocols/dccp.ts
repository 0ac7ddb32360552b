/** DCCP: datagrams with congestion control. */
import { be16, bits, header, u8 } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import type { Printer } from "../packet/protocol.ts";
import { hex4, rightChecksum, transportSum } from "./ip-text.ts";
import { messageProtocol, type Message } from "./message.ts";

/** The rest of the sequence number follows, with 24 bits or, `extended`, 48; what else depends on the type. */
export const Dccp = header("Dccp", "RFC 4340, section 5.1", {
  sourcePort: be16,
  destinationPort: be16,
  dataOffset: u8,
  ccval: bits(4),
  coverage: bits(4),
  checksum: be16,
  reserved: bits(3),
  type: bits(4),
  extended: bits(1),
  sequence: u8,
  sequenceLow: be16,
});

const LONG_BYTES = 16;

export const dccp = messageProtocol({
  name: "dccp",
  abbreviation: "dccp",
  ipProtocols: [IpProtocol.Dccp],
  layout: Dccp,
  defaults: { dataOffset: 4, extended: 1 },

  print(printer, message) {
    const { offset, end, wireEnd } = message;
    if (end - offset < Dccp.size) return false;
    const isLong = (message.byte(offset + 8) & 1) === 1;
    const base = isLong ? LONG_BYTES : Dccp.size;
    printer.text += "DCCP ";
    if (wireEnd - offset < base) {
      printer.text += `truncated-dccp - ${base - (wireEnd - offset)} bytes missing!`;
      return true;
    }
    message.need(offset, base);
    if (printer.quick === true) {
      printer.text += wireEnd - offset - message.byte(offset + 4) * 4;
      return true;
    }
    if (printer.level > 0) printHeader(printer, message);
    const number = (message.byte(offset + 8) >> 1) & 0x0f;
    const type = types[number];
    const acknowledges = type?.acknowledges ?? true;
    const own = (type?.own ?? 0) + (acknowledges ? (isLong ? 8 : 4) : 0);
    if (wireEnd - offset < base + own) {
      printer.text += `truncated-${type?.name ?? `unknown-type-${number}`} - ${base + own - (wireEnd - offset)} bytes missing!`;
      return true;
    }
    message.need(offset, base + own);
    printer.text += `${type?.name ?? `unknown-type-${number}`} `;
    const at = offset + base;
    const after = acknowledges ? at + (isLong ? 8 : 4) : at;
    if (type?.text !== undefined) printer.text += type.text(message, after);
    if (acknowledges)
      printer.text += `(ack=${isLong ? message.word(at + 2) * 0x1_0000_0000 + message.long(at + 4) : message.triple(at + 1)}) `;
    if (printer.level > 1)
      printer.text += `seq ${isLong ? message.word(offset + 10) * 0x1_0000_0000 + message.long(offset + 12) : message.triple(offset + 9)}`;
    return true;
  },
});

/** What the window of congestion control is told, how much of the contents the checksum is over, and itself. */
const printHeader = (printer: Printer, message: Message): void => {
  const { offset, index } = message;
  const first = message.byte(offset + 5);
  printer.text += `(CCVal ${first >> 4}, CsCov ${first & 0x0f}`;
  const found = message.word(offset + 6);
  // A checksum over a part is judged by no one here.
  const sum = (first & 0x0f) === 0 ? transportSum(printer, index, IpProtocol.Dccp) : undefined;
  if (sum !== undefined) printer.text += `, cksum 0x${hex4(found)} ${sum === 0 ? "(correct)" : `(incorrect -> 0x${hex4(rightChecksum(found, sum))})`}`; // prettier-ignore
  printer.text += ") ";
};

interface Type {
  readonly name: string;
  readonly acknowledges: boolean;
  /** Bytes of its own, behind an acknowledgement number. */
  readonly own?: number;
  text?(message: Message, at: number): string;
}
const service = (message: Message, at: number): string => `(service=${message.long(at)}) `;
/** RFC 4340, sections 5.2 to 5.7. */
const types: readonly (Type | undefined)[] = [
  { name: "DCCP-Request", acknowledges: false, own: 4, text: service },
  { name: "DCCP-Response", acknowledges: true, own: 4, text: service },
  { name: "DCCP-Data", acknowledges: false },
  { name: "DCCP-Ack", acknowledges: true },
  { name: "DCCP-DataAck", acknowledges: true },
  { name: "DCCP-CloseReq", acknowledges: true },
  { name: "DCCP-Close", acknowledges: true },
  { name: "DCCP-Reset", acknowledges: true, own: 4, text: (message, at) => `(code=${resets[message.byte(at)] ?? "invalid"}) ` }, // prettier-ignore
  { name: "DCCP-Sync", acknowledges: true },
  { name: "DCCP-SyncAck", acknowledges: true },
];
/** RFC 4340, section 5.6. */
const resets = ["unspecified", "closed", "aborted", "no_connection", "packet_error", "option_error", "mandatory_error", "connection_refused", "bad_service_code", "too_busy", "bad_init_cookie", "aggression_penalty"] as const; // prettier-ignore
