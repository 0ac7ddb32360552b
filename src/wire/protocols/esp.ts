/** ESP: what is encrypted stays so. */
import { be32, header } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import { longAt, messageProtocol } from "./message.ts";

/** What follows is encrypted, padding and the next header's number included. */
export const Esp = header("Esp", "RFC 4303, section 2", { spi: be32, sequence: be32 });

/** Shorter payloads have no room for the padding's length and the next header's number. */
const LEAST_PAYLOAD = 4;

export const esp = messageProtocol({
  name: "esp",
  abbreviation: "esp",
  ipProtocols: [IpProtocol.Esp],
  layout: Esp,

  print(printer, { bytes, offset, end, wireEnd }) {
    if (end - offset < Esp.size || wireEnd - offset < Esp.size + LEAST_PAYLOAD) return false;
    const spi = longAt(bytes, offset).toString(16).padStart(8, "0");
    printer.text += `ESP(spi=0x${spi},seq=0x${longAt(bytes, offset + 4).toString(16)}), length ${wireEnd - offset}`;
    return true;
  },
});
