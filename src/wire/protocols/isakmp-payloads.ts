/** ISAKMP's payloads, a line each, as `-v` prints them. Keys, signatures and what is encrypted are told by their lengths. */
import type { Printer } from "../packet/protocol.ts";
import { groupNames, notificationNames, notificationNames1, payloadName, protocolNames, transforms2 } from "./isakmp-names.ts"; // prettier-ignore
import { printPart, type Message } from "./message.ts";
import { printTransform1 } from "./isakmp-transforms.ts";

/** Next payload, flags and length (RFC 2408, section 3.2). */
const HEADER_BYTES = 4;
const CRITICAL = 0x80;

/** The payloads from a place on, of which the first is of this type. */
export const printPayloads = (printer: Printer, message: Message, first: number, start: number, end: number): void => {
  let type = first;
  let at = start;
  while (type !== 0) {
    const captured = Math.min(end, message.end);
    const length = at + HEADER_BYTES > captured ? Infinity : message.word(at + 2);
    if (length < HEADER_BYTES || at + length > captured) {
      printer.text += length < HEADER_BYTES ? "\n    ()" : ` [|${payloadName(type)}]`;
      return;
    }
    const next = message.byte(at);
    printer.text += "\n    (";
    printPart(printer, "isakmp", () => (printers[type] ?? plain)(printer, message, at, length, type));
    printer.text += ")";
    // What follows is within.
    if (type === ENCRYPTED) return;
    at += length;
    type = next;
  }
};

const ENCRYPTED = 46;

type Print = (printer: Printer, message: Message, at: number, length: number, type: number) => void;

const titled = (printer: Printer, message: Message, at: number, length: number, name: string): void => {
  printer.text += `${name}${(message.byte(at + 1) & CRITICAL) === 0 ? "" : "[C]"}: len=${length - HEADER_BYTES}`;
};

const plain: Print = (printer, _message, _at, _length, type) => {
  printer.text += payloadName(type);
};
/** `hash: len=20` */
const sized: Print = (printer, message, at, length, type) => titled(printer, message, at, length, payloadName(type));

const association1: Print = (printer, message, at, length) => {
  const domain = message.long(at + 4);
  const situation = message.long(at + 8);
  printer.text += `sa: doi=${domain === 1 ? "ipsec" : domain}`;
  if (domain !== 1) return;
  printer.text += " situation=";
  printer.text += [[1, "identity"], [2, "secrecy"], [4, "integrity"]].flatMap(([bit, name]) => ((situation & Number(bit)) === 0 ? [] : [name])).join("+"); // prettier-ignore
  eachProposal(printer, message, at + 12, at + length, (proposal, size) => {
    const [number, protocol, spi, count] = [4, 5, 6, 7].map((field) => message.byte(proposal + field)) as [number, number, number, number]; // prettier-ignore
    printer.text += `p: #${number} protoid=${protocolNames[protocol] ?? `#${protocol}`} transform=${count}`;
    if (spi > 0) printer.text += ` spi=${message.hex(proposal + 8, spi)}`;
    eachTransform(printer, message, proposal + 8 + spi, proposal + size, (transform, own) =>
      printTransform1(printer, message, transform, own, protocol),
    );
  });
};

const association2: Print = (printer, message, at, length) => {
  titled(printer, message, at, length, "sa");
  eachProposal(printer, message, at + HEADER_BYTES, at + length, (proposal, size) => {
    const [number, protocol, spi, count] = [4, 5, 6, 7].map((field) => message.byte(proposal + field)) as [number, number, number, number]; // prettier-ignore
    printer.text += `p: #${number} protoid=${protocolNames[protocol] ?? `#${protocol}`} transform=${count} len=${size}`;
    if (spi > 0) printer.text += ` spi=${message.hex(proposal + 8, spi)}`;
    let count2 = 0;
    eachTransform(printer, message, proposal + 8 + spi, proposal + size, (transform, own) =>
      printTransform2(printer, message, transform, own, ++count2),
    );
  });
};

type Each = (at: number, length: number) => void;
/** Proposals and transforms have a line each, further in. */
const lines =
  (indent: string) =>
  (printer: Printer, message: Message, start: number, end: number, print: Each): void => {
    for (let at = start; at + HEADER_BYTES <= end;) {
      const length = message.word(at + 2);
      if (length < 8 || at + length > end) message.stop();
      printer.text += `\n${indent}(`;
      print(at, length);
      printer.text += ")";
      if (message.byte(at) === 0) return;
      at += length;
    }
  };
const eachProposal = lines("        ");
const eachTransform = lines("            ");

/** RFC 7296, section 3.3.2. */
const printTransform2 = (printer: Printer, message: Message, at: number, length: number, number: number): void => {
  const type = message.byte(at + 4);
  const id = message.word(at + 6);
  const known = transforms2[type];
  printer.text += `t: #${number} type=${known?.name ?? `#${type}`} id=${known === undefined ? id : (known.ids[id] ?? `#${id}`)} `;
  for (let place = at + 8; place + 4 <= at + length;) {
    const attribute = message.word(place);
    const kind = attribute & 0x7fff;
    const name = kind === 14 ? "keylen" : `#${kind}`;
    if ((attribute & 0x8000) !== 0) {
      printer.text += `(type=${name} value=${message.hex(place + 2, 2)})`;
      place += 4;
    } else {
      const size = message.word(place + 2);
      printer.text += `(type=${name} len=${size} value=${message.hex(place + 4, size)})`;
      place += 4 + size;
    }
  }
};

const exchange1: Print = (printer, _message, _at, length) => {
  printer.text += `ke: key len=${length - HEADER_BYTES}`;
};
const nonce1: Print = (printer, message, at, length) => {
  printer.text += `nonce: n len=${length - HEADER_BYTES}`;
  if (printer.level > 1 && length > HEADER_BYTES) printer.text += `  data=(${endsText(message, at + 4, length - 4)})`;
};

const identity1: Print = (printer, message, at, length) => {
  const [type, protocol, port] = [message.byte(at + 4), message.byte(at + 5), message.word(at + 6)];
  const size = length - 8;
  printer.text += `id: idtype=${identities1[type] ?? `#${type}`} protoid=${protocol} port=${port} len=${size}`;
  if (type === 1 && size >= 4) printer.text += ` ${message.address("ipv4", at + 8)}`;
  else if (type === 4 && size >= 8)
    printer.text += ` ${message.address("ipv4", at + 8)}/${message.address("ipv4", at + 12)}`;
  else if (type === 7 && size >= 8)
    printer.text += ` ${message.address("ipv4", at + 8)}-${message.address("ipv4", at + 12)}`;
  else if (type === 5 && size >= 16) printer.text += ` ${message.address("ipv6", at + 8)}`;
  else if (type === 6 && size >= 32)
    printer.text += ` ${message.address("ipv6", at + 8)}/0x${message.hex(at + 24, 16)}`;
  else if (type === 8 && size >= 32)
    printer.text += ` ${message.address("ipv6", at + 8)}-${message.address("ipv6", at + 24)}`;
  else if (type === 2 || type === 3) {
    printer.text += " ";
    message.printText(printer, at + 8, size);
  }
};

const certificate1: Print = (printer, message, at, length, type) => {
  const encoding = message.byte(at + 4);
  printer.text += `${payloadName(type)}: len=${length - HEADER_BYTES} type=${certificates[encoding] ?? `#${encoding}`}`;
};

const notification1: Print = (printer, message, at, length) => {
  const domain = message.long(at + 4);
  const [protocol, spi, type] = [message.byte(at + 8), message.byte(at + 9), message.word(at + 10)];
  printer.text += `n: doi=${domain === 1 ? "ipsec" : domain} proto=${protocolNames[protocol] ?? `#${protocol}`}`;
  printer.text += ` type=${notificationNames1[type] ?? (type >= 31 && type < 8192 ? `#${type}` : type >= 8192 && type < 16384 ? "RESERVED" : `#${type}`)}`;
  if (spi > 0) printer.text += ` spi=${message.hex(at + 12, spi)}`;
  const [data, size] = [at + 12 + spi, length - 12 - spi];
  if (size > 0) printer.text += ` data=(${message.hex(data, size)}...)`;
};

const deletion1: Print = (printer, message, at) => {
  const domain = message.long(at + 4);
  const [protocol, size, count] = [message.byte(at + 8), message.byte(at + 9), message.word(at + 10)];
  printer.text += `d: doi=${domain === 1 ? "ipsec" : domain} proto=${protocolNames[protocol] ?? `#${protocol}`} spilen=${size} nspi=${count} spi=`;
  printer.text += Array.from({ length: Math.min(count, 64) }, (_, index) => message.hex(at + 12 + index * size, size)).join(","); // prettier-ignore
};

const exchange2: Print = (printer, message, at, length) => {
  const group = message.word(at + 4);
  printer.text += `v2ke${(message.byte(at + 1) & CRITICAL) === 0 ? "" : "[C]"}: len=${length - 8} group=${groupNames[group] ?? `#${group}`}`;
};

const nonce2: Print = (printer, message, at, length) => {
  titled(printer, message, at, length, "nonce");
  if (length > 4) printer.text += printer.level > 1 ? ` nonce=(${message.hex(at + 4, length - 4)}) ` : ` data=(${endsText(message, at + 4, length - 4)})`; // prettier-ignore
};

const identity2: Print = (printer, message, at, length, type) => {
  titled(printer, message, at, length, payloadName(type));
  const [kind, size] = [message.byte(at + 4), length - 8];
  const form = identities2[kind];
  if (form === undefined) return;
  printer.text += ` ${form.name}:`;
  if (form.text) message.printText(printer, at + 8, size);
  else printer.text += message.hex(at + 8, size);
};

const authentication2: Print = (printer, message, at, length) => {
  const method = message.byte(at + 4);
  titled(printer, message, at, length, "v2auth");
  printer.text += ` method=${methods[method] ?? `#${method}`}`;
  if (length > 8) printer.text += printer.level > 1 ? ` authdata=(${message.hex(at + 8, length - 8)}) ` : ` data=(${endsText(message, at + 8, length - 8)})`; // prettier-ignore
};

/** `0102...090a`: ten bytes of either end, where there are more. */
const endsText = (message: Message, at: number, length: number): string =>
  length > 10 ? `${message.hex(at, 10)}...${message.hex(at + length - 10, 10)}` : message.hex(at, length);

const notification2: Print = (printer, message, at, length) => {
  const [protocol, spi, type] = [message.byte(at + 4), message.byte(at + 5), message.word(at + 6)];
  const name = notificationNames[type] ?? (type < 8192 ? "error" : type < 16384 ? "private-error" : type < 40960 ? "status" : "private-status"); // prettier-ignore
  printer.text += `n: prot_id=${protocolNames[protocol] ?? `#${protocol}`} type=${type}(${name})`;
  if (spi > 0 && !spiless.has(type)) printer.text += ` spi=${message.hex(at + 8, spi)}`;
  const [data, size] = [at + 8 + spi, length - 8 - spi];
  if (type === COOKIE && size > 0) printer.text += ` data=(${endsText(message, data, size)})`;
};
const COOKIE = 16390;

const vendor2: Print = (printer, message, at, length) => {
  titled(printer, message, at, length, "v2vid");
  printer.text += " vid=";
  for (let place = at + 4; place < at + length; place++) {
    const byte = message.byte(place);
    printer.text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
  }
};

const printers: Readonly<Record<number, Print>> = {
  1: association1,
  4: exchange1,
  5: identity1,
  6: certificate1,
  7: certificate1,
  8: sized,
  9: sized,
  10: nonce1,
  11: notification1,
  12: deletion1,
  13: sized,
  33: association2,
  34: exchange2,
  35: identity2,
  36: identity2,
  37: sized,
  38: sized,
  39: authentication2,
  40: nonce2,
  41: notification2,
  42: sized,
  43: vendor2,
  44: sized,
  45: sized,
  46: sized,
  47: sized,
  48: sized,
};

const identities1: Readonly<Record<number, string>> = { 1: "IPv4", 2: "FQDN", 3: "user FQDN", 4: "IPv4net", 5: "IPv6", 6: "IPv6net", 7: "IPv4range", 8: "IPv6range", 9: "ASN1 DN", 10: "ASN1 GN", 11: "keyid" }; // prettier-ignore
const identities2: Readonly<Record<number, { readonly name: string; readonly text: boolean }>> = { 1: { name: "ipv4", text: false }, 2: { name: "fqdn", text: true }, 3: { name: "rfc822", text: true }, 5: { name: "ipv6", text: false }, 9: { name: "dn", text: false }, 10: { name: "gn", text: false }, 11: { name: "keyid", text: false } }; // prettier-ignore
const certificates = ["none", "pkcs7", "pgp", "dns", "x509sign", "x509ke", "kerberos", "crl", "arl", "spki", "x509attr"] as const; // prettier-ignore
const methods = ["invalid", "rsasig", "shared-secret", "dsssig"] as const;
/** Of these what follows is not of an association. */
const spiless: ReadonlySet<number> = new Set([
  1, 5, 35, 36, 37, 39, 16384, 16385, 16386, 16387, 16391, 16392, 16394, 16395,
]);
