/** LACP, which bundles links, and its kin, the slow protocols of IEEE 802.3. */
import { header, u8 } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { hexDump } from "../line/hex-dump.ts";
import { messageProtocol } from "./message.ts";

/** OAM has flags where the others have a version. */
export const SlowProtocol = header("SlowProtocol", "IEEE 802.3, annex 57A", { subtype: u8, version: u8 });

const LACP = 1;
const MARKER = 2;
const OAM = 3;
const names: Readonly<Record<number, string>> = { [LACP]: "LACP", [MARKER]: "MARKER", [OAM]: "OAM" };

export const slowProtocol = messageProtocol({
  name: "slow-protocol",
  abbreviation: "slow",
  etherTypes: [EtherType.SlowProtocols],
  layout: SlowProtocol,
  defaults: { subtype: LACP, version: 1 },

  print(printer, { bytes, offset, end, wireEnd }) {
    if (end - offset < SlowProtocol.size) {
      if (end < wireEnd) return false;
      printer.text += `${printer.level > 0 ? "\n\t\t" : ""} (packet is too short)`;
      return true;
    }
    const [subtype, version] = [bytes[offset]!, bytes[offset + 1]!] as const;
    const name = names[subtype];
    if (subtype === OAM) printer.text += `OAM, length ${wireEnd - offset}`;
    else if (name !== undefined && version !== 1) printer.text += `${name} version ${version} packet not supported`;
    else if (name !== undefined) printer.text += `${name}v1, length ${wireEnd - offset}`;
    else {
      printer.text += `unknown (${subtype}), length ${wireEnd - offset}`;
      printer.text += hexDump(bytes, offset, end, false);
    }
    return true;
  },
});
