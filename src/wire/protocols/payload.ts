/** What no protocol here claims: the payload, and bytes behind the end that a header gave its contents. */
import { malformed, type Protocol } from "../packet/protocol.ts";

const bytesOnly = <Name extends string>(name: Name): Protocol<Name, { bytes: Uint8Array }> => ({
  name,
  abbreviation: name,
  measure: () => malformed,
  decode: (bytes, offset, length) => ({ bytes: bytes.subarray(offset, offset + length) }),
  encode: (content) => content.bytes ?? new Uint8Array(0),
});

export const payload = bytesOnly("payload");

const plainTrailer = bytesOnly("trailer");

/** `depth`: how many headers with a length of their own enclose the trailer; 0 for what follows all of them, as Ethernet's padding does. */
export const trailer: Protocol<"trailer", { bytes: Uint8Array; depth?: number }> = {
  ...plainTrailer,
  encode: (content) => content.bytes ?? new Uint8Array(0),
};
