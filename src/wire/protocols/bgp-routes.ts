/** Routes as BGP tells them: prefixes, alone or with labels and route distinguishers. */
import { addressSize, formatAddress } from "../address.ts";
import type { Printer } from "../packet/protocol.ts";
import { addressFamilies } from "./address-family.ts";
import type { Message } from "./message.ts";

/** `AFI IPv4 (1), SAFI Unicast (1)` */
export const routesName = (family: number, kind: number): string =>
  `AFI ${familyName(family) ?? "Unknown"} (${family}), SAFI ${kindName(kind) ?? "Unknown"} (${kind})`;

export const familyName = (family: number): string | undefined => (family === VPLS ? "VPLS" : addressFamilies[family]);
export const kindName = (kind: number): string | undefined => kinds[kind];

/** RFC 4761. */
const VPLS = 25;
/** https://www.iana.org/assignments/safi-namespace */
const kinds: Readonly<Record<number, string>> = { 0: "Reserved", 1: "Unicast", 2: "Multicast", 3: "Unicast+Multicast", 4: "labeled Unicast", 5: "Multicast VPN", 64: "Tunnel", 65: "VPLS", 66: "MDT", 70: "EVPN", 128: "labeled VPN Unicast", 129: "labeled VPN Multicast", 130: "labeled VPN Unicast+Multicast", 132: "Route Target Routing Information" }; // prettier-ignore

/** How the routes of a family and a kind are written. */
export interface RouteForm {
  readonly family: "ipv4" | "ipv6";
  readonly hasLabel: boolean;
  /** A route distinguisher, before the next hop too (RFC 4364, section 4.3.2). */
  readonly isVpn: boolean;
}

/** Undefined where nothing here knows it. */
export const routeForm = (family: number, kind: number): RouteForm | undefined => {
  if (family !== 1 && family !== 2) return undefined;
  const form = forms[kind];
  return form && { ...form, family: family === 1 ? "ipv4" : "ipv6" };
};
const plain = { hasLabel: false, isVpn: false } as const;
const vpn = { hasLabel: true, isVpn: true } as const;
const forms: Readonly<Record<number, Omit<RouteForm, "family">>> = { 1: plain, 2: plain, 3: plain, 4: { hasLabel: true, isVpn: false }, 128: vpn, 129: vpn, 130: vpn }; // prettier-ignore

const LABEL_BYTES = 3;
export const DISTINGUISHER_BYTES = 8;

/** Prints the routes up to `end`, each on its line; those that cannot be end them. */
export const printRoutes = (
  printer: Printer,
  message: Message,
  start: number,
  end: number,
  { family, hasLabel, isVpn }: RouteForm,
  indent: string,
): void => {
  const before = (hasLabel ? LABEL_BYTES : 0) + (isVpn ? DISTINGUISHER_BYTES : 0);
  const size = addressSize(family);
  for (let at = start; at < end;) {
    const bits = message.byte(at) - before * 8;
    if (bits < 0) message.stop();
    if (bits > size * 8) {
      printer.text += `${ILLEGAL_INDENT}(illegal prefix length)`;
      return;
    }
    const length = Math.ceil(bits / 8);
    const from = at + 1 + before;
    if (from + length > end) message.stop();
    message.need(from, length);
    const prefix = new Uint8Array(size);
    prefix.set(message.bytes.subarray(from, from + length));
    if (bits % 8 !== 0) prefix[length - 1]! &= 0xff00 >> (bits % 8);
    printer.text += indent;
    if (isVpn) printer.text += `RD: ${distinguisherText(message, at + 1 + LABEL_BYTES)}, `;
    printer.text += `${formatAddress(family, prefix, 0)}/${bits}`;
    if (hasLabel)
      printer.text += `, label:${message.triple(at + 1) >> 4} ${(message.byte(at + 3) & 1) === 1 ? "(bottom)" : "(BOGUS: Bottom of Stack NOT set!)"}`;
    at = from + length;
  }
};
const ILLEGAL_INDENT = "\n\t    ";

/** `65000:1 (= 0.0.0.1)`: by its type (RFC 4364, section 4.2). */
export const distinguisherText = (message: Message, at: number): string => {
  message.need(at, DISTINGUISHER_BYTES);
  switch (message.word(at)) {
    case 0:
      return `${message.word(at + 2)}:${message.long(at + 4)} (= ${message.address("ipv4", at + 4)})`;
    case 1:
      return `${message.address("ipv4", at + 2)}:${message.word(at + 6)}`;
    case 2:
      return `${message.long(at + 2)}:${message.word(at + 6)} (${message.address("ipv4", at + 2)}:${message.word(at + 6)})`;
    default:
      return "unknown RD format";
  }
};
