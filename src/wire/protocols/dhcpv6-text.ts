/** DHCPv6 in tcpdump's words: the message, and with `-v` its options, each in parentheses, with what it holds as far as that is text, an address or a number. */
import type { Printer } from "../packet/protocol.ts";
import { dhcpv6OptionNames as names } from "./dhcpv6-option-names.ts";
import { printPart, type Message } from "./message.ts";

type Write = (printer: Printer, message: Message, at: number, length: number) => void;

/** A message, which may be within another's option; it ends at `end`. */
export const printDhcpv6 = (printer: Printer, message: Message, at: number, end: number): boolean =>
  printPart(printer, "dhcp6", () => printMessage(printer, message, at, end));

const printMessage = (printer: Printer, message: Message, at: number, end: number): void => {
  printer.text += "dhcp6";
  if (at + MESSAGE_BYTES > end) message.stop();
  const type = message.byte(at);
  const isRelayed = type === RELAY_FORWARD || type === RELAY_REPLY;
  printer.text += ` ${types[type] ?? `msgtype-${type}`}`;
  if (printer.level === 0) return;
  printer.text += " (";
  if (isRelayed) {
    printer.text += `linkaddr=${message.address("ipv6", at + 2)}`;
    printer.text += ` peeraddr=${message.address("ipv6", at + 18)}`;
  } else printer.text += `xid=${message.triple(at + 1).toString(16)}`;
  printDhcpv6Options(printer, message, at + (isRelayed ? RELAY_BYTES : MESSAGE_BYTES), end);
  printer.text += ")";
};

/** Type and transaction. */
const MESSAGE_BYTES = 4;
const RELAY_FORWARD = 12;
const RELAY_REPLY = 13;
/** RFC 8415, section 9: type, hops, link's and peer's address. */
const RELAY_BYTES = 34;

const types: Readonly<Record<number, string>> = {
  1: "solicit",
  2: "advertise",
  3: "request",
  4: "confirm",
  5: "renew",
  6: "rebind",
  7: "reply",
  8: "release",
  9: "decline",
  10: "reconfigure",
  11: "inf-req",
  [RELAY_FORWARD]: "relay-fwd",
  [RELAY_REPLY]: "relay-reply",
  14: "leasequery",
  15: "leasequery-reply",
};

/** Code and length. */
const HEADER_BYTES = 4;

const printDhcpv6Options = (printer: Printer, message: Message, start: number, end: number): boolean =>
  printPart(printer, "dhcp6", () => printOptions(printer, message, start, end));

const printOptions = (printer: Printer, message: Message, start: number, end: number): void => {
  for (let at = start; at < end;) {
    if (at + HEADER_BYTES > end) message.stop();
    const [code, length] = [message.word(at), message.word(at + 2)];
    at += HEADER_BYTES;
    if (at + length > end) message.stop();
    printer.text += ` (${names[code] ?? `opt_${code}`}`;
    writers[code]?.(printer, message, at, length);
    printer.text += ")";
    at += length;
  }
};

const nameOf = (code: number): string => names[code] ?? `opt_${code}`;

/** Only where it is at least so long; ` ?` else. */
const least =
  (bytes: number, write: Write): Write =>
  (printer, message, at, length) => {
    if (length < bytes) printer.text += " ?";
    else write(printer, message, at, length);
  };
/** Only where it is just so long. */
const just =
  (bytes: number, write: Write): Write =>
  (printer, message, at, length) => {
    if (length === bytes) write(printer, message, at, length);
    else printer.text += " ?";
  };

/** RFC 8415, section 11: who a client or server is. */
const identity = least(2, (printer, message, at, length) => {
  const type = message.word(at);
  switch (type) {
    case 1:
      if (length < 8) printer.text += " ?";
      else {
        printer.text += ` hwaddr/time type ${message.word(at + 2)} time ${message.long(at + 4)} `;
        printer.text += message.hex(at + 8, length - 8);
      }
      return;
    case 2:
      if (length < 8) printer.text += " ?";
      else printer.text += ` vid ${message.hex(at + 2, 8)}`;
      return;
    case 3:
      if (length < 4) printer.text += " ?";
      else printer.text += ` hwaddr type ${message.word(at + 2)} ${message.hex(at + 4, length - 4)}`;
      return;
    default:
      printer.text += ` type ${type}`;
  }
});

/** Addresses leased for as long as T1 and T2 say, RFC 8415, sections 21.4 and 21.21. */
const association: Write = least(12, (printer, message, at, length) => {
  printer.text += ` IAID:${message.long(at)} T1:${message.long(at + 4)} T2:${message.long(at + 8)}`;
  printDhcpv6Options(printer, message, at + 12, at + length);
});

const temporary: Write = least(4, (printer, message, at, length) => {
  printer.text += ` IAID:${message.long(at)}`;
  printDhcpv6Options(printer, message, at + 4, at + length);
});

const leased: Write = least(24, (printer, message, at, length) => {
  printer.text += ` ${message.address("ipv6", at)} pltime:${message.long(at + 16)} vltime:${message.long(at + 20)}`;
  printDhcpv6Options(printer, message, at + 24, at + length);
});

const prefix: Write = least(25, (printer, message, at, length) => {
  printer.text += ` ${message.address("ipv6", at + 9)}/${message.byte(at + 8)} pltime:${message.long(at)} vltime:${message.long(at + 4)}`;
  printDhcpv6Options(printer, message, at + 25, at + length);
});

/** Codes of options that are asked for. */
const requests: Write = (printer, message, at, length) => {
  if (length % 2 !== 0) {
    printer.text += " ?";
    return;
  }
  for (let place = at; place < at + length; place += 2) printer.text += ` ${nameOf(message.word(place))}`;
};

const addresses: Write = (printer, message, at, length) => {
  if (length % 16 !== 0) {
    printer.text += " ?";
    return;
  }
  for (let place = at; place < at + length; place += 16) printer.text += ` ${message.address("ipv6", place)}`;
};

const status: Write = least(2, (printer, message, at) => {
  const code = message.word(at);
  printer.text += ` ${statusCodes[code] ?? "INVALID code"}`;
});

/** RFC 8415, section 21.11. */
const authentication: Write = least(11, (printer, message, at, length) => {
  const [protocol, algorithm, detection] = [message.byte(at), message.byte(at + 1), message.byte(at + 2)];
  printer.text += ` proto: ${authProtocols[protocol] ?? protocol}, alg: ${algorithm === 1 ? "HMAC-MD5" : algorithm}, RDM: ${detection === 0 ? "mono" : detection}`;
  printer.text += `, RD: ${[0, 2, 4, 6].map((part) => message.hex(at + 3 + part, 2)).join(" ")}`;
  const [info, left] = [at + 11, length - 11];
  if (protocol === DELAYED) printDelayed(printer, message, info, left);
  else if (protocol !== RECONFIGURE) printer.text += " ??";
  else if (left < 17) printer.text += " ??";
  else {
    const type = message.byte(info);
    printer.text += type === 1 ? " reconfig-key" : type === 2 ? " type: HMAC-MD5" : ` type: unknown (${type})`;
    printer.text += ` value: ${longs(message, info + 1)}`;
  }
});
const printDelayed = (printer: Printer, message: Message, at: number, length: number): void => {
  if (length === 0) return;
  if (length < 20) {
    printer.text += " ??";
    return;
  }
  const realm = length - 20;
  if (realm > 0) printer.text += `, realm: ${message.hex(at, realm)}`;
  printer.text += `, key ID: ${message.hex(at + realm, 4)}, HMAC-MD5: ${longs(message, at + realm + 4)}`;
};
const longs = (message: Message, at: number): string =>
  [0, 4, 8, 12].map((part) => message.hex(at + part, 4)).join(" ");
const DELAYED = 2;
const RECONFIGURE = 3;
const authProtocols: Readonly<Record<number, string>> = { [DELAYED]: "delayed", [RECONFIGURE]: "reconfigure" };

/** Its first bytes. */
const start: Write = (printer, message, at, length) => {
  printer.text += ` ${message.hex(at, Math.min(length, 10))}...`;
};

const remote: Write = least(4, (printer, message, at, length) => {
  printer.text += ` ${message.long(at)} `;
  printer.text += `${message.hex(at + 4, Math.min(length - 4, 10))}...`;
});

const reason: Write = just(1, (printer, message, at) => {
  const type = message.byte(at);
  printer.text += type === 5 ? " for renew" : type === 11 ? " for inf-req" : ` for ???(${message.hex(at, 1)})`;
});

/** RFC 1035's labels, each name with a dot at its end. */
const domains: Write = (printer, message, at, length) => {
  for (let place = at; place < at + length;) place = printDomain(printer, message, place);
};
const LONGEST_LABEL = 63;
/** Prints a name; returns where it ends. */
const printDomain = (printer: Printer, message: Message, start: number): number => {
  printer.text += " ";
  let at = start;
  for (;;) {
    const length = message.byte(at);
    at++;
    if (length === 0) break;
    if (length > LONGEST_LABEL) {
      // Pointers, and labels of types that were given up, mean nothing here.
      if (length >> 6 === 2) printer.text += "<BAD LABEL TYPE>";
      message.stop();
    }
    message.printText(printer, at, length);
    printer.text += ".";
    at += length;
  }
  if (at === start + 1) printer.text += ".";
  return at;
};

const text: Write = least(5, (printer, message, at, length) => {
  printer.text += " ";
  message.printString(printer, at, length);
});

const lease: Write = least(17, (printer, message, at, length) => {
  const type = message.byte(at);
  printer.text += type === 1 ? " by-address" : type === 2 ? " by-clientID" : ` type_${type}`;
  if (type > 2) return;
  printer.text += ` ${message.address("ipv6", at + 1)}`;
  printDhcpv6Options(printer, message, at + 17, at + length);
});

const seconds: Write = just(4, (printer, message, at) => {
  printer.text += ` ${message.long(at)}`;
});

const relayed: Write = least(16, (printer, message, at, length) => {
  printer.text += ` ${message.address("ipv6", at)} `;
  printer.text += `${message.hex(at + 16, Math.min(length - 16, 10))}...`;
});

/** RFC 5908: addresses and names of time servers. */
const timeServers: Write = least(4, (printer, message, start, length) => {
  const end = start + length;
  for (let at = start; at < end;) {
    if (at + HEADER_BYTES > end) message.stop();
    const [code, size] = [message.word(at), message.word(at + 2)];
    at += HEADER_BYTES;
    if (at + size > end) message.stop();
    printer.text += ` subopt:${code}`;
    if (code === 1 || code === 2) {
      printer.text += size === 16 ? ` ${message.address("ipv6", at)}` : " ?";
    } else if (code === 3) {
      for (let place = at; place < at + size;) place = printDomain(printer, message, place);
    } else printer.text += " ?";
    at += size;
  }
});

/** RFC 6334: labels, with dots between. */
const tunnelEnd: Write = least(3, (printer, message, start, length) => {
  printer.text += " ";
  let [at, rest] = [start, length];
  while (rest > 0) {
    const size = message.byte(at);
    if (size > 0 && at > start) printer.text += ".";
    if (size + 1 > rest) {
      printer.text += " ?";
      return;
    }
    if (size === 0) return;
    message.printString(printer, at + 1, size);
    at += size + 1;
    rest -= size + 1;
  }
});

const writers: Readonly<Record<number, Write>> = {
  1: identity,
  2: identity,
  3: association,
  4: temporary,
  5: leased,
  6: requests,
  7: just(1, (printer, message, at) => {
    printer.text += ` ${message.byte(at)}`;
  }),
  8: just(2, (printer, message, at) => {
    printer.text += ` ${message.word(at)}`;
  }),
  9(printer, message, at, length) {
    printer.text += " (";
    printDhcpv6(printer, message, at, at + length);
  },
  11: authentication,
  13: status,
  18: start,
  19: reason,
  21: domains,
  22: addresses,
  23: addresses,
  24: domains,
  25: association,
  26: prefix,
  27: addresses,
  28: addresses,
  31: addresses,
  32: seconds,
  34: addresses,
  37: remote,
  38: start,
  40: addresses,
  41: text,
  42: text,
  43: requests,
  44: lease,
  45(printer, message, at, length) {
    if (length > 0) printDhcpv6Options(printer, message, at, at + length);
  },
  46: seconds,
  47: relayed,
  48: addresses,
  56: timeServers,
  64: tunnelEnd,
  112: text,
};

const statusCodes = ["Success", "UnspecFail", "NoAddrsAvail", "NoBinding", "NotOnLink", "UseMulticast", "NoPrefixAvail", "UnknownQueryType", "MalformedQuery", "NotConfigured", "NotAllowed"] as const; // prettier-ignore
