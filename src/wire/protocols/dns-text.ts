/** A DNS message (RFC 1035, section 4) as a line: `4660+ A? example.com.`, `4660 1/0/0 A 192.0.2.1`. */
import { formatAddress } from "../address.ts";
import { visibleByte } from "../text.ts";

const HEADER_BYTES = 12;
/** Compression may point anywhere: so many jumps, and no more. */
const MOST_JUMPS = 64;
const CUT = " [|domain]";

/** `names`: say whom an answer is about. */
export const dnsText = (bytes: Uint8Array, start: number, end: number, names: boolean): string => {
  const reader = new Reader(bytes, start, end);
  const [id, flags, questions, answers, authorities, additional] = [0, 2, 4, 6, 8, 10].map((at) => reader.word(start + at)) as [number, number, number, number, number, number]; // prettier-ignore
  reader.at = start + HEADER_BYTES;
  const operation = operations[(flags >> 11) & 0x0f] ?? "";
  if ((flags & RESPONSE) === 0) {
    let text = `${id}${operation}${(flags & RECURSION_DESIRED) === 0 ? "" : "+"}${(flags & CHECKING_DISABLED) === 0 ? "" : "%"}`;
    if (answers > 0) text += ` [${answers}a]`;
    if (questions !== 1) text += ` [${questions}q]`;
    if (authorities > 0) text += ` [${authorities}n]`;
    if (additional > 0) text += ` [${additional}au]`;
    for (let count = 0; count < questions; count++) {
      const question = reader.question();
      if (question === null) return text + CUT;
      text += question;
    }
    return text;
  }
  const code = flags & 0x0f;
  let text = `${id}${operation}${code === 0 ? "" : (results[code] ?? ` Resp${code}`)}`;
  text += `${(flags & AUTHORITATIVE) === 0 ? "" : "*"}${(flags & RECURSION_AVAILABLE) === 0 ? "-" : ""}`;
  text += `${(flags & TRUNCATED) === 0 ? "" : "|"}${(flags & AUTHENTIC) === 0 ? "" : "$"}`;
  if (questions !== 1) text += ` [${questions}q]`;
  for (let count = 0; count < questions; count++) if (reader.question() === null) return text + CUT;
  text += ` ${answers}/${authorities}/${additional}`;
  for (let count = 0; count < answers; count++) {
    const answer = reader.answer(names);
    if (answer === null) return text + CUT;
    text += `${count > 0 ? "," : ""}${answer}`;
  }
  return text;
};

const RESPONSE = 0x8000;
const AUTHORITATIVE = 0x0400;
const TRUNCATED = 0x0200;
const RECURSION_DESIRED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;
const AUTHENTIC = 0x0020;
const CHECKING_DISABLED = 0x0010;
const INTERNET = 1;

const operations = ["", " inv_q", " stat", " op3", " notify", " update"];
const results = ["", " FormErr", " ServFail", " NXDomain", " NotImp", " Refused", " YXDomain", " YXRRSet", " NXRRSet", " NotAuth", " NotZone"]; // prettier-ignore

/** Reads on from `at`; null where the message is cut. */
class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
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
    return ` ${typeName(type)}${group === INTERNET ? "" : ` (Class ${group})`}? ${name}`;
  }

  /** ` A 192.0.2.1` */
  answer(withName: boolean): string | null {
    const name = this.#name();
    if (name === null || this.at + 10 > this.#end) return null;
    const [type, group, length] = [this.word(this.at), this.word(this.at + 2), this.word(this.at + 8)];
    const data = this.at + 10;
    if (data + length > this.#end) return null;
    const text = this.#data(type, data, length);
    this.at = data + length;
    return text === null
      ? null
      : `${withName ? ` ${name}` : ""}${group === INTERNET ? "" : ` (Class ${group})`} ${typeName(type)}${text}`;
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
      case 15: {
        if (length < 3) return "";
        this.at = at + 2;
        const exchange = this.#name();
        return exchange === null ? null : ` ${exchange} ${this.word(at)}`;
      }
      case 16: {
        const size = length === 0 ? 0 : Math.min(bytes[at]!, length - 1);
        return ` "${Array.from(bytes.subarray(at + 1, at + 1 + size), visibleByte).join("")}"`;
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
