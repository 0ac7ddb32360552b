/** RADIUS's attributes, a line each. What is encrypted is not told. */
import { formatAddress } from "../address.ts";
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import { printEap } from "./eap.ts";
import { printPart, type Message } from "./message.ts";
import { radiusAttributes, type RadiusForm } from "./radius-attribute-names.ts";
import { radiusCauses, radiusValues, radiusVendors } from "./radius-values.ts";

type Write = (printer: Printer, message: Message, at: number, length: number, type: number) => void;

export const printRadiusAttributes = (printer: Printer, message: Message, start: number, end: number): void => {
  for (let at = start; at < end;) {
    if (at + 2 > end) message.stop();
    const [type, length] = [message.byte(at), message.byte(at + 1)];
    const [name, form] = radiusAttributes[type] ?? ["Unknown"];
    printer.text += `\n\t  ${name} Attribute (${type}), length: ${length}`;
    if (length < 2) {
      printer.text += " (bogus, must be >= 2)";
      return;
    }
    if (at + length > end) {
      printer.text += " (bogus, goes past end of packet)";
      return;
    }
    printer.text += ", Value: ";
    if (length > 2 && form !== undefined) writers[form](printer, message, at + 2, length - 2, type);
    if (printer.level > 1)
      printer.text += hexDump(message.bytes, at + 2, Math.min(at + length, message.end), false, "\t    ");
    at += length;
  }
};

/** Up to the first byte that is 0; what cannot be seen is a dot. */
const printPlain = (printer: Printer, message: Message, at: number, length: number): void => {
  for (let place = at; place < at + length; place++) {
    const byte = message.byte(place);
    if (byte === 0) return;
    printer.text += plain(byte);
  }
};

const plain = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".");

const isLong = (printer: Printer, length: number, right: number): boolean => {
  if (length !== right) printer.text += `ERROR: length ${length} != ${right}`;
  return length === right;
};

/** What follows goes on where this is cut. */
const apart =
  (write: Write): Write =>
  (printer, message, at, length, type) =>
    printPart(printer, "radius", () => write(printer, message, at, length, type));

const text = apart((printer, message, at, length) => {
  message.need(at, length);
  printPlain(printer, message, at, length);
});

const number: Write = (printer, message, at, length) => {
  if (isLong(printer, length, 4)) printer.text += message.long(at);
};

const address: Write = (printer, message, at, length) => {
  if (isLong(printer, length, 4)) printer.text += message.address("ipv4", at);
};

/** One that others choose, too: RFC 2865, sections 5.8 and 5.14. */
const chosenAddress: Write = (printer, message, at, length) => {
  if (!isLong(printer, length, 4)) return;
  const value = message.long(at);
  if (value === 0xffff_ffff) printer.text += "User Selected";
  else if (value === 0xffff_fffe) printer.text += "NAS Select";
  else printer.text += message.address("ipv4", at);
};

const ipxNetwork: Write = (printer, message, at, length) => {
  if (!isLong(printer, length, 4)) return;
  const value = message.long(at);
  printer.text += value === 0xffff_fffe ? "NAS Select" : value;
};

const address6: Write = (printer, message, at, length) => {
  if (isLong(printer, length, 16)) printer.text += message.address("ipv6", at);
};

/** RFC 3162, section 2.3: a prefix may be cut behind its last byte that is not 0. */
const prefix6 = apart((printer, message, at, length) => {
  message.need(at, length);
  if (length < 2 || length > 18) {
    printer.text += `ERROR: length ${length} not in range (2..18)`;
    return;
  }
  const width = message.byte(at + 1);
  if (width > 128) {
    printer.text += `ERROR: netmask ${width} not in range (0..128)`;
    return;
  }
  const bytes = new Uint8Array(16);
  bytes.set(message.bytes.subarray(at + 2, at + length));
  printer.text += `${formatAddress("ipv6", bytes, 0)}/${width}`;
  if (width > 8 * (length - 2)) printer.text += " (inconsistent prefix length)";
});

const named: Write = (printer, message, at, length, type) => {
  if (!isLong(printer, length, 4)) return;
  const value = message.long(at);
  printer.text += radiusValues[type]?.[value] ?? `#${value}`;
};

/** RFC 2868, section 3.1: a tag says which values belong together. */
const tagged: Write = (printer, message, at, length, type) => {
  if (!isLong(printer, length, 4)) return;
  const tag = message.byte(at);
  printer.text += `Tag[${tag === 0 ? "Unused" : tag}] `;
  const value = message.triple(at + 1);
  const names = radiusValues[type];
  printer.text += `${names === undefined ? value : (names[value] ?? `#${value}`)}`;
};

const taggedText = apart((printer, message, at, length) => {
  message.need(at, length);
  const tag = message.byte(at);
  if (tag > LAST_TAG) return printPlain(printer, message, at, length);
  printer.text += `Tag[${tag === 0 ? "Unused" : tag}] `;
  printPlain(printer, message, at + 1, length - 1);
});
const LAST_TAG = 0x1f;

const tunnelPassword = apart((printer, message, at, length) => {
  if (length < 3) message.stop();
  message.need(at, length);
  const tag = message.byte(at);
  printer.text += `Tag[${tag === 0 || tag > LAST_TAG ? "Unused" : tag}] Salt ${message.word(at + 1)} `;
  printPlain(printer, message, at + 3, length - 3);
});

const duration: Write = (printer, message, at, length) => {
  if (!isLong(printer, length, 4)) return;
  const value = message.long(at);
  const two = (part: number): string => String(part).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.trunc(value / 3600), Math.trunc(value / 60) % 60, value % 60] as const;
  if (hours > 0) printer.text += `${two(hours)}:${two(minutes)}:${two(seconds)} hours`;
  else if (minutes > 0) printer.text += `${two(minutes)}:${two(seconds)} min`;
  else printer.text += `${two(seconds)} secs`;
};

/** In the time of the machine that prints, as C's ctime writes it. */
const time: Write = (printer, message, at, length) => {
  if (!isLong(printer, length, 4)) return;
  const date = new Date(message.long(at) * 1000);
  const two = (part: number): string => String(part).padStart(2, "0");
  printer.text += `${days[date.getDay()]!} ${months[date.getMonth()]!} ${String(date.getDate()).padStart(2)} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${date.getFullYear()}`;
};
const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** RFC 4675, sections 2.1 and 2.3. */
const vlanTag = (message: Message, at: number): string => {
  const tag = message.byte(at);
  return tag === 0x31 ? "Tagged" : tag === 0x32 ? "Untagged" : `Unknown tag (0x${message.hex(at, 1)})`;
};
const vlan: Write = (printer, message, at, length) => {
  if (isLong(printer, length, 4)) printer.text += `${vlanTag(message, at)} ${message.triple(at + 1)}`;
};
const vlanName: Write = (printer, message, at, length) => {
  printer.text += `${vlanTag(message, at)} `;
  printPlain(printer, message, at + 1, length - 1);
};

const cause: Write = (printer, message, at, length) => {
  if (length !== 4) {
    printer.text += `Error: length ${length} != 4`;
    return;
  }
  const value = message.long(at);
  printer.text += `Error cause ${value}: ${radiusCauses[value] ?? `Error-Cause ${value} not known`}`;
};

const vendor: Write = (printer, message, start, length) => {
  if (length < 4) {
    printer.text += " [|radius]";
    return;
  }
  const number = message.long(start);
  printer.text += `Vendor: ${radiusVendors[number] ?? "Unknown"} (${number})`;
  printPart(printer, "radius", () => printVendorAttributes(printer, message, start + 4, start + length));
};

const printVendorAttributes = (printer: Printer, message: Message, start: number, end: number): void => {
  for (let at = start; at + 2 <= end;) {
    const [type, size] = [message.byte(at), message.byte(at + 1)];
    if (size >= 2 && at + size <= end) message.need(at, size);
    printer.text += `\n\t    Vendor Attribute: ${type}, Length: `;
    if (size < 2) {
      printer.text += `${size} (bogus, must be >= 2)`;
      return;
    }
    if (at + size > end) {
      printer.text += `${size} (bogus, goes past end of vendor-specific attribute)`;
      return;
    }
    printer.text += `${size - 2}, Value: `;
    for (let place = at + 2; place < at + size; place++) printer.text += plain(message.byte(place));
    at += size;
  }
};

/** In hexadecimal. */
const rare: Write = (printer, message, at, length) => {
  printer.text += `0x${message.hex(at, length)}`;
};

const eap = apart((printer, message, at, length) => {
  message.need(at, length);
  printEap(printer, message, at, length);
});

const writers: Readonly<Record<RadiusForm, Write>> = {
  address,
  address6,
  cause,
  chosenAddress,
  duration,
  eap,
  ipxNetwork,
  named,
  number,
  prefix6,
  rare,
  tagged,
  taggedText,
  text,
  time,
  tunnelPassword,
  vendor,
  vlan,
  vlanName,
};
