/** EAP over LANs (802.1X): who asks to be let in. */
import { be16, header, u8 } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { messageProtocol, wordAt } from "./message.ts";

/** `length` counts what follows. */
export const Eapol = header("Eapol", "IEEE 802.1X, section 11.3", { version: u8, type: u8, length: be16 });

const EAP = 0;
/** Code, identifier and length (RFC 3748, section 4). */
const EAP_BYTES = 4;

export const eapol = messageProtocol({
  name: "eapol",
  abbreviation: "eap",
  etherTypes: [EtherType.Eapol],
  layout: Eapol,
  defaults: { version: 2 },

  print(printer, { bytes, offset, end }) {
    if (offset + Eapol.size > end) return false;
    const type = bytes[offset + 1]!;
    printer.text += `${types[type] ?? "unknown"} (${type}) v${bytes[offset]!}, len ${wordAt(bytes, offset + 2)}`;
    const at = offset + Eapol.size;
    if (printer.level === 0 || type !== EAP) return true;
    if (at + EAP_BYTES > end) return false;
    const code = bytes[at]!;
    printer.text += `, ${codes[code] ?? "unknown"} (${code}), id ${bytes[at + 1]!}, len ${wordAt(bytes, at + 2)}`;
    return true;
  },
});

const types = ["EAP packet", "EAPOL start", "EAPOL logoff", "EAPOL key", "Encapsulated ASF alert"] as const;
const codes: Readonly<Record<number, string>> = { 1: "Request", 2: "Response", 3: "Success", 4: "Failure" };
