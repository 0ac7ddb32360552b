/** EAP over LANs (802.1X): who asks to be let in. */
import { be16, header, u8 } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { printEap } from "./eap.ts";
import { messageProtocol } from "./message.ts";

/** `length` counts what follows. */
export const Eapol = header("Eapol", "IEEE 802.1X, section 11.3", { version: u8, type: u8, length: be16 });

const EAP = 0;

export const eapol = messageProtocol({
  name: "eapol",
  abbreviation: "eap",
  etherTypes: [EtherType.Eapol],
  layout: Eapol,
  defaults: { version: 2 },

  print(printer, message) {
    const { offset } = message;
    message.need(offset, Eapol.size);
    const type = message.byte(offset + 1);
    const length = message.word(offset + 2);
    printer.text += `${types[type] ?? "unknown"} (${type}) v${message.byte(offset)}, len ${length}`;
    if (printer.level === 0 || type !== EAP) return true;
    if (length === 0) return false;
    printer.text += ", ";
    printEap(printer, message, offset + Eapol.size, length);
    return true;
  },
});

const types = ["EAP packet", "EAPOL start", "EAPOL logoff", "EAPOL key", "Encapsulated ASF alert"] as const;
