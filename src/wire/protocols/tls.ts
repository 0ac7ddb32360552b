/** TLS, as far as the ClientHello: whom it asks for, and in which languages. Kept as bytes. */
import { foreign, type Protocol } from "../packet/protocol.ts";
import { readClientHello, type ClientHello } from "./tls-client-hello.ts";

/** A segment that starts with a ClientHello; what it says is read from `bytes`. */
export interface TlsContent extends ClientHello {
  bytes: Uint8Array;
}

export const tls: Protocol<"tls", TlsContent> = {
  name: "tls",
  abbreviation: "tls",
  tcpPorts: [443, 465, 636, 853, 993, 995, 8443],
  onlyVerbose: true,

  measure: (bytes, offset, end) => (isClientHello(bytes, offset, end) ? end - offset : foreign),

  decode: (bytes, offset, length) => ({
    bytes: bytes.subarray(offset, offset + length),
    ...readClientHello(bytes, offset, offset + length),
  }),

  encode: ({ bytes = new Uint8Array(0) }) => bytes,

  print(printer, index) {
    if (printer.level === 0) return true;
    const { bytes, spans } = printer.packet;
    const { offset, end } = spans[index]!;
    const { serverName, protocols, versions, whole } = readClientHello(bytes, offset, end);
    printer.text += ": TLS ClientHello";
    if (serverName !== null) printer.text += `, SNI ${serverName}`;
    if (protocols.length > 0) printer.text += `, ALPN ${protocols.join(" ")}`;
    if (versions.length > 0) printer.text += `, versions ${versions.join(" ")}`;
    if (!whole) printer.text += " [|tls]";
    return true;
  },
};

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;

/** RFC 8446, sections 5.1 and 4: a record of handshake messages, and the first one's type. */
const isClientHello = (bytes: Uint8Array, offset: number, end: number): boolean =>
  end - offset >= 6 && bytes[offset] === HANDSHAKE && bytes[offset + 1] === 3 && bytes[offset + 5] === CLIENT_HELLO;
