/** DHCP messages in tcpdump's manner: `BOOTP/DHCP, Request from 2e:fe:7c:b0:c7:72, length 300`. */
import { formatAddress } from "../address.ts";
import { readLayout } from "../codec.ts";
import type { TypeOf } from "../layout.ts";
import type { Printer, Unread } from "../packet/protocol.ts";
import { visibleByte } from "../text.ts";
import { Dhcp, DHCP_COOKIE, DhcpPart } from "./dhcp-message.ts";
import { dhcpOptionData } from "./dhcp-option-text.ts";
import { dhcpOptionName } from "./dhcp-option-names.ts";

const ETHERNET = 1;
const ETHERNET_BYTES = 6;
/** Where the client's address is. */
const CLIENT = 28;
const CUT = " [|bootp]";
const PAD = 0;
const END = 255;

/** Prints the message in layer `index`, and nothing comes after it. */
export const printDhcp = (printer: Printer, index: number): true => {
  const { bytes, spans } = printer.packet;
  const { offset, end, wireEnd } = spans[index]!;
  const header = readLayout(Dhcp, bytes, offset);
  const isEthernet = header.hardwareType === ETHERNET && header.hardwareLength === ETHERNET_BYTES;
  const client = formatAddress("mac", bytes, offset + CLIENT);
  if (!printStart(printer, offset, end, wireEnd) || printer.level === 0) return true;
  printFields(printer, header, isEthernet);
  for (const [name, address] of [
    ["Client-IP", header.clientAddress],
    ["Your-IP", header.yourAddress],
    ["Server-IP", header.serverAddress],
    ["Gateway-IP", header.relayAddress],
  ] as const)
    if (address !== "0.0.0.0") printer.text += `\n\t  ${name} ${address}`;
  if (isEthernet) printer.text += `\n\t  Client-Ethernet-Address ${client}`;
  printRest(printer, bytes, offset, end);
  return true;
};

/** What there is of a message that is less than its header. */
export const printCutDhcp = (printer: Printer, { offset, end, wireEnd }: Unread): void => {
  if (offset >= end) printer.text += CUT;
  else if (printStart(printer, offset, end, wireEnd) && printer.level > 0) printer.text += CUT;
};

/** `BOOTP/DHCP, Request from 2e:fe:7c:b0:c7:72, length 300`; false where it is cut before. */
const printStart = (printer: Printer, offset: number, end: number, wireEnd: number): boolean => {
  const { bytes } = printer.packet;
  const operation = bytes[offset]!;
  printer.text += `BOOTP/DHCP, ${["", "Request", "Reply"][operation] || `unknown (0x${operation.toString(16).padStart(2, "0")})`}`;
  const namesClient = operation === 1 && bytes[offset + 1] === ETHERNET && bytes[offset + 2] === ETHERNET_BYTES;
  if (offset + 3 > end || (namesClient && offset + CLIENT + ETHERNET_BYTES > end)) {
    printer.text += CUT;
    return false;
  }
  if (namesClient) printer.text += ` from ${formatAddress("mac", bytes, offset + CLIENT)}`;
  printer.text += `, length ${wireEnd - offset}`;
  return true;
};

const printFields = (
  printer: Printer,
  { hardwareType, hardwareLength, hops, transactionId, seconds, broadcast, reserved }: TypeOf<typeof Dhcp>,
  isEthernet: boolean,
): void => {
  if (hardwareType !== ETHERNET) printer.text += `, htype ${hardwareType}`;
  if (!isEthernet) printer.text += `, hlen ${hardwareLength}`;
  if (hops !== 0) printer.text += `, hops ${hops}`;
  printer.text += `, xid 0x${transactionId.toString(16)}`;
  if (seconds !== 0) printer.text += `, secs ${seconds}`;
  printer.text += `, Flags [${broadcast === 1 ? "Broadcast" : "none"}]`;
  const flags = broadcast * 0x8000 + reserved;
  if (printer.level > 1) printer.text += ` (0x${flags.toString(16).padStart(4, "0")})`;
};

/** Names, cookie and options, as far as they are here. */
const printRest = (printer: Printer, bytes: Uint8Array, offset: number, end: number): void => {
  for (const [title, from, to] of [
    ["sname", DhcpPart.sname, DhcpPart.file],
    ["file", DhcpPart.file, DhcpPart.cookie],
  ] as const) {
    if (offset + to > end) {
      printer.text += CUT;
      return;
    }
    if (bytes[offset + from] !== 0) printer.text += `\n\t  ${title} "${nameAt(bytes, offset + from, offset + to)}"`;
  }
  if (offset + DhcpPart.options > end) {
    printer.text += CUT;
    return;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
  const cookie = view.getUint32(DhcpPart.cookie);
  if (cookie === DHCP_COOKIE) {
    printer.text += "\n\t  Vendor-rfc1048 Extensions\n\t    Magic Cookie 0x63825363";
    printOptions(printer, bytes, offset + DhcpPart.options, end);
  } else if (cookie !== 0) printer.text += `\n\t  Vendor-#0x${cookie.toString(16)}`;
};

const printOptions = (printer: Printer, bytes: Uint8Array, start: number, end: number): void => {
  for (let at = start; at < end;) {
    const code = bytes[at++]!;
    if (code === PAD) continue;
    if (code === END) return;
    if (at >= end) {
      printer.text += CUT;
      return;
    }
    const length = bytes[at++]!;
    const { name, form } = dhcpOptionName(code);
    printer.text += `\n\t    ${name} (${code}), length ${length}${length > 0 ? ": " : ""}`;
    if (at + length > end) {
      printer.text += CUT;
      return;
    }
    printer.text += dhcpOptionData(form, bytes, at, length);
    at += length;
  }
};

const nameAt = (bytes: Uint8Array, from: number, to: number): string => {
  const name = bytes.subarray(from, to);
  const end = name.indexOf(0);
  return Array.from(end < 0 ? name : name.subarray(0, end), visibleByte).join("");
};
