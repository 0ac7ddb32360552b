/** PIM: which message routers of multicast send each other. */
import { be16, bits, header, u8 } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import { messageProtocol } from "./message.ts";

/** What version 2's messages begin with. */
export const Pim = header("Pim", "RFC 7761, section 4.9", {
  version: bits(4),
  type: bits(4),
  reserved: u8,
  checksum: be16,
});

export const pim = messageProtocol({
  name: "pim",
  abbreviation: "pim",
  ipProtocols: [IpProtocol.Pim],
  layout: Pim,
  defaults: { version: 2 },
  checksum: "checksum",

  print(printer, { bytes, offset, end, wireEnd }) {
    if (end - offset < 1) return false;
    const version = bytes[offset]! >> 4;
    printer.text += `PIMv${version}`;
    if (version === 2) {
      const type = bytes[offset]! & 0x0f;
      printer.text += `, ${types[type] ?? `unknown (${type})`}`;
    }
    printer.text += `, length ${wireEnd - offset}`;
    return true;
  },
});

const types = ["Hello", "Register", "Register-Stop", "Join / Prune", "Bootstrap", "Assert", "Prune (Graft)", "Graft-ACK", "Candidate RP Advertisement", "Prune-Refresh", "DF-Election", "ECMP Redirect"] as const; // prettier-ignore
