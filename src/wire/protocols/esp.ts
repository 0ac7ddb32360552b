/** ESP: what is encrypted stays so. */
import { be32, header } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import type { Printer } from "../packet/protocol.ts";
import { messageProtocol, type Message } from "./message.ts";

/** What follows is encrypted, padding and the next header's number included. */
export const Esp = header("Esp", "RFC 4303, section 2", { spi: be32, sequence: be32 });

/** Something must be encrypted. */
const LEAST_PAYLOAD = 1;

export const esp = messageProtocol({
  name: "esp",
  abbreviation: "esp",
  ipProtocols: [IpProtocol.Esp],
  layout: Esp,

  print(printer, message) {
    printEsp(printer, message);
    return true;
  },
});

export const printEsp = (printer: Printer, message: Message): void => {
  const { offset, wireEnd } = message;
  message.need(offset, Esp.size + LEAST_PAYLOAD);
  printer.text += `ESP(spi=0x${message.hex(offset, 4)},seq=0x${message.long(offset + 4).toString(16)}), length ${wireEnd - offset}`;
};
