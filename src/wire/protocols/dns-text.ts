/** A DNS message (RFC 1035, section 4) as a line: `4660+ A? example.com.`, `4660 1/0/0 A 192.0.2.1`. */
import { formatAddress } from "../address.ts";
import { toHex } from "../hex.ts";
import { visibleByte } from "../text.ts";

const HEADER_BYTES = 12;
/** Compression may point anywhere: so many jumps, and no more. */
const MOST_JUMPS = 64;
/** How the text of a message ends that is not all there. */
export const CUT = " [|domain]";

export interface DnsTextOptions {
  /** How many times `-v` was given: once names whom answers are about, twice prints all sections, thrice how long records live. */
  readonly level: number;
  /** Of multicast DNS (RFC 6762). */
  readonly multicast?: boolean;
}

export const dnsText = (
  bytes: Uint8Array,
  start: number,
  end: number,
  { level, multicast = false }: DnsTextOptions,
): string => {
  const reader = new Reader(bytes, start, end, level, multicast);
  const [id, flags, questions, answers, authorities, additional] = [0, 2, 4, 6, 8, 10].map((at) => reader.word(start + at)) as [number, number, number, number, number, number]; // prettier-ignore
  reader.at = start + HEADER_BYTES;
  const operation = operations[(flags >> 11) & 0x0f] ?? "";
  const isResponse = (flags & RESPONSE) !== 0;
  let text = `${id}${operation}${isResponse ? responseFlags(flags) : queryFlags(flags)}`;
  if (!isResponse) {
    if (answers > 0) text += ` [${answers}a]`;
    if (questions !== 1) text += ` [${questions}q]`;
    if (authorities > 0) text += ` [${authorities}n]`;
    if (additional > 0) text += ` [${additional}au]`;
  } else if (questions !== 1) text += ` [${questions}q]`;
  const all = level > 1;
  if (isResponse && all && questions > 0) text += " q:";
  for (let count = 0; count < questions; count++) {
    const question = reader.question();
    if (question === null) return text + CUT;
    if (!isResponse || all) text += `${count > 0 && isResponse ? "," : ""}${question}`;
  }
  if (isResponse) text += ` ${answers}/${authorities}/${additional}`;
  const sections: readonly (readonly [string, number])[] = [
    ["", isResponse || all ? answers : 0],
    [" ns:", all ? authorities : 0],
    [" ar:", all ? additional : 0],
  ];
  for (const [title, records] of sections) {
    if (records > 0) text += title;
    for (let count = 0; count < records; count++) {
      const record = reader.record();
      if (record === null) return text + CUT;
      text += `${count > 0 ? "," : ""}${record}`;
    }
  }
  return text;
};

const queryFlags = (flags: number): string =>
  `${(flags & RECURSION_DESIRED) === 0 ? "" : "+"}${(flags & CHECKING_DISABLED) === 0 ? "" : "%"}`;

const responseFlags = (flags: number): string => {
  const code = flags & 0x0f;
  return [
    code === 0 ? "" : (results[code] ?? ` Resp${code}`),
    (flags & AUTHORITATIVE) === 0 ? "" : "*",
    (flags & RECURSION_AVAILABLE) === 0 ? "-" : "",
    (flags & TRUNCATED) === 0 ? "" : "|",
    (flags & AUTHENTIC) === 0 ? "" : "$",
  ].join("");
};

const RESPONSE = 0x8000;
const AUTHORITATIVE = 0x0400;
const TRUNCATED = 0x0200;
const RECURSION_DESIRED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;
const AUTHENTIC = 0x0020;
const CHECKING_DISABLED = 0x0010;
const INTERNET = 1;
const OPT = 41;
const DNSSEC_OK = 0x8000;
/** Of multicast DNS: an answer to one host is fine, or older answers are to be forgotten. */
const MULTICAST_BIT = 0x8000;

const operations = ["", " inv_q", " stat", " op3", " notify", " update"];
const results = ["", " FormErr", " ServFail", " NXDomain", " NotImp", " Refused", " YXDomain", " YXRRSet", " NXRRSet", " NotAuth", " NotZone"]; // prettier-ignore

/** Reads on from `at`; null where the message is cut. */
class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  readonly #level: number;
  readonly #multicast: boolean;

  constructor(bytes: Uint8Array, start: number, end: number, level: number, multicast: boolean) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#level = level;
    this.#multicast = multicast;
  }

  word(at: number): number {
    return (this.#bytes[at]! << 8) | this.#bytes[at + 1]!;
  }

  /** ` A? example.com.` */
  question(): string | null {
    const name = this.#name();
    if (name === null || this.at + 4 > this.#end) return null;
    const [type, group] = [this.word(this.at), this.word(this.at + 2)];
    this.at += 4;
    return ` ${typeName(type)}${this.#class(group, group >= MULTICAST_BIT ? " (QU)" : " (QM)")}? ${name}`;
  }

  /** ` A 192.0.2.1` */
  record(): string | null {
    const name = this.#name();
    if (name === null || this.at + 10 > this.#end) return null;
    const { at } = this;
    const [type, group, length] = [this.word(at), this.word(at + 2), this.word(at + 8)];
    const data = at + 10;
    if (data + length > this.#end) return null;
    const owner = this.#level > 0 ? ` ${name}` : "";
    if (type === OPT) {
      this.at = data + length;
      const size = `${owner} OPT UDPsize=${group}${(this.word(at + 6) & DNSSEC_OK) === 0 ? "" : " DO"}`;
      return size + extensions(this.#bytes, data, length);
    }
    const seconds = this.word(at + 4) * 0x1_0000 + this.word(at + 6);
    const text = this.#data(type, data, length);
    this.at = data + length;
    if (text === null) return null;
    const life = this.#level > 2 ? ` [${lifeText(seconds)}]` : "";
    return `${owner}${life}${this.#class(group, group >= MULTICAST_BIT ? " (Cache flush)" : "")} ${typeName(type)}${text}`;
  }

  /** What is unusual of a class; `multicast`: what its upper bit says there. */
  #class(group: number, multicast: string): string {
    if (!this.#multicast) return group === INTERNET ? "" : ` (Class ${group})`;
    const own = group & ~MULTICAST_BIT;
    return `${own === INTERNET ? "" : ` (Class ${own})`}${multicast}`;
  }

  #data(type: number, at: number, length: number): string | null {
    const bytes = this.#bytes;
    this.at = at;
    switch (type) {
      case 1:
        return length === 4 ? ` ${formatAddress("ipv4", bytes, at)}` : "";
      case 28:
        return length === 16 ? ` ${formatAddress("ipv6", bytes, at)}` : "";
      case 2:
      case 5:
      case 12:
        return spaced(this.#name());
      case 6: {
        if (this.#level < 2) return "";
        const [server, mailbox] = [this.#name(), this.#name()];
        if (server === null || mailbox === null || this.at + 20 > this.#end) return null;
        const numbers = [0, 4, 8, 12, 16].map(
          (from) => this.word(this.at + from) * 0x1_0000 + this.word(this.at + from + 2),
        );
        return ` ${server} ${mailbox} ${numbers.join(" ")}`;
      }
      case 15: {
        if (length < 3) return "";
        this.at = at + 2;
        const exchange = this.#name();
        return exchange === null ? null : ` ${exchange} ${this.word(at)}`;
      }
      case 16: {
        let text = "";
        for (let from = at; from < at + length;) {
          const to = Math.min(from + 1 + bytes[from]!, at + length);
          text += ` "${Array.from(bytes.subarray(from + 1, to), visibleByte).join("")}"`;
          from = to;
        }
        return text;
      }
      case 33: {
        if (length < 7) return "";
        this.at = at + 6;
        const target = this.#name();
        return target === null ? null : ` ${target}:${this.word(at + 4)} ${this.word(at)} ${this.word(at + 2)}`;
      }
      default:
        return "";
    }
  }

  /** A name with its dot at the end, wherever compression leads. */
  #name(): string | null {
    const bytes = this.#bytes;
    let [at, after, text] = [this.at, -1, ""];
    for (let jumps = 0; jumps < MOST_JUMPS;) {
      if (at >= this.#end) return null;
      const length = bytes[at]!;
      if (length >= 0xc0) {
        if (at + 2 > this.#end) return null;
        if (after < 0) after = at + 2;
        at = this.#start + (this.word(at) & 0x3fff);
        jumps++;
        continue;
      }
      if (length === 0) {
        this.at = after < 0 ? at + 1 : after;
        return text === "" ? "." : text;
      }
      if (length > 63 || at + 1 + length > this.#end || text.length > 1024) return null;
      for (let index = 0; index < length; index++) text += visibleByte(bytes[at + 1 + index]!);
      text += ".";
      at += 1 + length;
    }
    return null;
  }
}

/** What an OPT record holds (RFC 6891): ` [COOKIE 0102030405060708]`. */
const extensions = (bytes: Uint8Array, start: number, length: number): string => {
  const texts: string[] = [];
  for (let at = start; at + 4 <= start + length;) {
    const code = (bytes[at]! << 8) | bytes[at + 1]!;
    const to = at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (to > start + length) break;
    const data = toHex(bytes.subarray(at + 4, to)).slice(2);
    texts.push(`${extensionNames[code] ?? `Opt${code}`}${data === "" ? "" : ` ${data}`}`);
    at = to;
  }
  return texts.length === 0 ? "" : ` [${texts.join(",")}]`;
};

const extensionNames: Readonly<Record<number, string>> = { 3: "NSID", 8: "ECS", 10: "COOKIE" };

/** `1d15s` */
const lifeText = (seconds: number): string => {
  let [rest, text] = [seconds, ""];
  for (const [unit, letter] of [
    [604_800, "w"],
    [86_400, "d"],
    [3600, "h"],
    [60, "m"],
  ] as const) {
    // prettier-ignore
    if (rest >= unit) text += `${Math.floor(rest / unit)}${letter}`;
    rest %= unit;
  }
  return rest > 0 || text === "" ? `${text}${rest}s` : text;
};

const spaced = (text: string | null): string | null => (text === null ? null : ` ${text}`);

/** https://www.iana.org/assignments/dns-parameters */
const typeName = (type: number): string => types[type] ?? `Type${type}`;

const types: Readonly<Record<number, string>> = {
  1: "A",
  2: "NS",
  5: "CNAME",
  6: "SOA",
  12: "PTR",
  13: "HINFO",
  15: "MX",
  16: "TXT",
  28: "AAAA",
  33: "SRV",
  35: "NAPTR",
  41: "OPT",
  43: "DS",
  46: "RRSIG",
  47: "NSEC",
  48: "DNSKEY",
  64: "SVCB",
  65: "HTTPS",
  251: "IXFR",
  252: "AXFR",
  255: "ANY",
};
