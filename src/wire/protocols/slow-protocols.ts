/** LACP, which bundles links, and its kin, the slow protocols of IEEE 802.3. */
import { header, u8 } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import { bitNames } from "./bit-names.ts";
import { messageProtocol, type Message } from "./message.ts";

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

  print(printer, message) {
    const { bytes, offset, end, wireEnd } = message;
    if (end - offset < SlowProtocol.size) {
      if (end < wireEnd) return false;
      printTooShort(printer);
      return true;
    }
    const [subtype, version] = [message.byte(offset), message.byte(offset + 1)] as const;
    const name = names[subtype];
    if (subtype === OAM) printer.text += `OAM, length ${wireEnd - offset}`;
    else if (name !== undefined && version !== 1) printer.text += `${name} version ${version} packet not supported`;
    else if (name !== undefined) {
      printer.text += `${name}v1, length ${wireEnd - offset}`;
      if (printer.level > 0) printFields(printer, message, subtype === LACP ? lacpFields : markerFields);
    } else {
      printer.text += `unknown (${subtype}), length ${wireEnd - offset}`;
      printer.text += hexDump(bytes, offset, end, false);
    }
    return true;
  },
});

const printTooShort = (printer: Printer): void => {
  printer.text += printer.level > 0 ? "\n\t\t packet is too short" : " (packet is too short)";
};

interface Field {
  readonly name: string;
  /** With its type and itself. */
  readonly length: number;
  print?(printer: Printer, message: Message, at: number): void;
}

/** Type and length, the length counting both. */
const printFields = (printer: Printer, message: Message, fields: Readonly<Record<number, Field>>): void => {
  const { bytes, offset, wireEnd } = message;
  for (let at = offset + SlowProtocol.size; at < wireEnd;) {
    if (at + 2 > wireEnd) return printTooShort(printer);
    const [type, length] = [message.byte(at), message.byte(at + 1)];
    const field = fields[type];
    printer.text += `\n\t${field?.name ?? "Unknown"} TLV (0x${message.hex(at, 1)}), length ${length}`;
    if (type === 0) return;
    if (length < 2) {
      printer.text += "\n\t    ERROR: illegal length - should be >= 2";
      return;
    }
    if (at + length > wireEnd) return printTooShort(printer);
    message.need(at, length);
    if (field !== undefined && length !== field.length)
      printer.text += `\n\t    ERROR: illegal length - should be ${field.length}`;
    else field?.print?.(printer, message, at + 2);
    if (field === undefined || printer.level > 1) printer.text += hexDump(bytes, at + 2, at + length, false, "\t  ");
    at += length;
  }
};

/** IEEE 802.1AX, section 6.4.2.3. */
const printPort = (printer: Printer, message: Message, at: number): void => {
  printer.text += `\n\t  System ${message.address("mac", at + 2)}, System Priority ${message.word(at)}, Key ${message.word(at + 8)}, Port ${message.word(at + 12)}, Port Priority ${message.word(at + 10)}`;
  printer.text += `\n\t  State Flags [${bitNames(message.byte(at + 14), states)}]`;
};

const states = [[1, "Activity"], [2, "Timeout"], [4, "Aggregation"], [8, "Synchronization"], [16, "Collecting"], [32, "Distributing"], [64, "Default"], [128, "Expired"]] as const; // prettier-ignore
const terminator: Field = { name: "Terminator", length: 0 };
const lacpFields: Readonly<Record<number, Field>> = {
  0: terminator,
  1: { name: "Actor Information", length: 20, print: printPort },
  2: { name: "Partner Information", length: 20, print: printPort },
  3: {
    name: "Collector Information",
    length: 16,
    print(printer, message, at) {
      printer.text += `\n\t  Max Delay ${message.word(at)}`;
    },
  },
};
const markerFields: Readonly<Record<number, Field>> = {
  0: terminator,
  1: {
    name: "Marker Information",
    length: 16,
    print(printer, message, at) {
      printer.text += `\n\t  Request System ${message.address("mac", at + 2)}, Request Port ${message.word(at)}, Request Transaction ID 0x${message.hex(at + 8, 4)}`;
    },
  },
};
