/** BGP, as far as that it is: its messages lie across segments. Kept as bytes. */
import type { Protocol } from "../packet/protocol.ts";

export const bgp: Protocol<"bgp", { bytes: Uint8Array }> = {
  name: "bgp",
  abbreviation: "bgp",
  tcpPorts: [179],

  measure: (_bytes, offset, end) => end - offset,
  decode: (bytes, offset, length) => ({ bytes: bytes.subarray(offset, offset + length) }),
  encode: ({ bytes = new Uint8Array(0) }) => bytes,

  print(printer) {
    printer.text += ": BGP";
    return true;
  },
};
