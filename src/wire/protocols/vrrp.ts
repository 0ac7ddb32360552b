/** VRRP, versions 2 and 3: who may be the router that an address stands for. */
import { formatAddress } from "../address.ts";
import { checksum } from "../checksum.ts";
import { be16, bits, header, u8 } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import type { Printer } from "../packet/protocol.ts";
import { visibleByte } from "../text.ts";
import { isOverIpv6, transportSum } from "./ip-text.ts";
import { messageProtocol, wordAt, type Message } from "./message.ts";

/** Addresses follow. `timing`: version 2: kind of authentication and seconds, a byte each; version 3: hundredths in 12 bits. */
export const Vrrp = header("Vrrp", "RFC 3768, section 5.1; RFC 5798, section 5.1", {
  version: bits(4),
  type: bits(4),
  router: u8,
  priority: u8,
  count: u8,
  timing: be16,
  checksum: be16,
});

const ADVERTISEMENT = 1;
const WHOLE_TTL = 255;
const SIMPLE_PASSWORD = 1;

export const vrrp = messageProtocol({
  name: "vrrp",
  abbreviation: "vrrp",
  ipProtocols: [IpProtocol.Vrrp],
  layout: Vrrp,
  defaults: { version: 2, type: ADVERTISEMENT, router: 1, priority: 100, timing: 1 },
  checksum: "checksum",

  print(printer, message) {
    const { bytes, offset, end, wireEnd } = message;
    if (offset >= end) {
      printer.text += "VRRP";
      return false;
    }
    const version = bytes[offset]! >> 4;
    const type = bytes[offset]! & 0x0f;
    printer.text += `VRRPv${version}, ${type === ADVERTISEMENT ? "Advertisement" : `unknown type (${type})`}`;
    const ttl = ttlAround(printer, message);
    if (ttl !== WHOLE_TTL) printer.text += `, (ttl ${ttl})`;
    if (type !== ADVERTISEMENT || (version !== 2 && version !== 3)) return true;
    if (offset + 3 > end) return false;
    printer.text += `, vrid ${bytes[offset + 1]!}, prio ${bytes[offset + 2]!}`;
    if (offset + 6 > end) return false;
    const timing = wordAt(bytes, offset + 4);
    if (version === 3) printer.text += `, intvl ${timing & 0x0fff}cs`;
    else printer.text += `, authtype ${authentications[timing >> 8] ?? `type#${timing >> 8}`}, intvl ${timing & 0xff}s`;
    printer.text += `, length ${wireEnd - offset}`;
    return printer.level === 0 || printAddresses(printer, message, version);
  },
});

const printAddresses = (printer: Printer, message: Message, version: number): boolean => {
  const { bytes, offset, end, wireEnd, index } = message;
  if (offset + Vrrp.size > end) return false;
  const sum = version === 3 ? transportSum(printer, index, IpProtocol.Vrrp) : checksum(bytes, offset, end - offset);
  if (end === wireEnd && sum !== 0) printer.text += `, (bad vrrp cksum ${wordAt(bytes, offset + 6).toString(16)})`;
  const count = bytes[offset + 3]!;
  printer.text += `, addrs${count === 1 ? "" : `(${count})`}:`;
  const [family, size] =
    version === 3 && isOverIpv6(printer.packet, message.index) ? (["ipv6", 16] as const) : (["ipv4", 4] as const);
  let at = offset + Vrrp.size;
  for (let number = 0; number < count; number++, at += size) {
    if (at + size > end) return false;
    printer.text += `${number === 0 ? " " : ","}${formatAddress(family, bytes, at)}`;
  }
  if (version === 2 && bytes[offset + 4] === SIMPLE_PASSWORD && at + 8 <= end) {
    const password = bytes.subarray(at, at + 8);
    const length = password.indexOf(0);
    printer.text += ` auth "${Array.from(length < 0 ? password : password.subarray(0, length), visibleByte).join("")}"`;
  }
  return true;
};

/** Less than 255: it came through a router, and must not be believed (RFC 5798, section 5.1.1.3). */
const ttlAround = ({ packet }: Printer, message: Message): number => {
  const around = packet.spans[message.index - 1];
  if (around?.protocol.network !== true) return WHOLE_TTL;
  return message.bytes[around.offset + (message.bytes[around.offset]! >> 4 === 6 ? 7 : 8)]!;
};

const authentications: Readonly<Record<number, string>> = { 0: "none", 1: "simple", 2: "ah" };
