/** What a TLS ClientHello says (RFC 8446, section 4.1.2), as far as it is here: it may go on in the next segment. */
import { visibleByte } from "../text.ts";

export interface ClientHello {
  /** Server name indication (RFC 6066, section 3). */
  serverName: string | null;
  /** Application protocols, the favoured first (RFC 7301). */
  protocols: string[];
  /** `1.3`, the favoured first. */
  versions: string[];
  /** All of it is here. */
  whole: boolean;
}

const RECORD_HEADER = 5;
const HANDSHAKE_HEADER = 4;
const Extension = { ServerName: 0, Protocols: 16, Versions: 43 } as const;
const versionNames: Readonly<Record<number, string>> = { 0x0301: "1.0", 0x0302: "1.1", 0x0303: "1.2", 0x0304: "1.3" };

/** Of the record at `offset`; never throws. */
export const readClientHello = (bytes: Uint8Array, offset: number, end: number): ClientHello => {
  const hello: ClientHello = { serverName: null, protocols: [], versions: [], whole: false };
  const at = (place: number): number => (place < end ? bytes[place]! : 0);
  const word = (place: number): number => (at(place) << 8) | at(place + 1);
  const body = offset + RECORD_HEADER + HANDSHAKE_HEADER;
  const bodyEnd = body + ((at(body - 3) << 16) | word(body - 2));
  // Version, random, and what has a length before it: session, cipher suites, compression.
  let place = body + 34;
  place += 1 + at(place);
  place += 2 + word(place);
  place += 1 + at(place);
  const last = Math.min(end, bodyEnd);
  const extensionsEnd = Math.min(last, place + 2 + word(place));
  hello.whole = bodyEnd <= end && place <= bodyEnd;
  for (place += 2; place + 4 <= extensionsEnd;) {
    const type = word(place);
    const from = place + 4;
    const to = Math.min(from + word(place + 2), last);
    if (type === Extension.ServerName && to >= from + 5) hello.serverName = text(bytes, from + 5, Math.min(to, from + 5 + word(from + 3))); // prettier-ignore
    if (type === Extension.Protocols) {
      for (let one = from + 2; one < to; one += 1 + at(one))
        hello.protocols.push(text(bytes, one + 1, Math.min(to, one + 1 + at(one))));
    }
    if (type === Extension.Versions) {
      for (let one = from + 1; one + 2 <= to; one += 2)
        if (!isGrease(word(one))) hello.versions.push(nameOf(word(one)));
    }
    place = from + word(place + 2);
  }
  // Before TLS 1.3 the greatest one stands in the message itself.
  if (hello.versions.length === 0 && body + 2 <= end) hello.versions.push(nameOf(word(body)));
  return hello;
};

const nameOf = (version: number): string => versionNames[version] ?? `0x${version.toString(16).padStart(4, "0")}`;

/** RFC 8701: values that mean nothing, to keep others used to them. */
const isGrease = (value: number): boolean => (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);

const text = (bytes: Uint8Array, from: number, to: number): string =>
  Array.from(bytes.subarray(from, to), visibleByte).join("");
