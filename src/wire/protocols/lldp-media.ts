/** LLDP's fields for media endpoints (LLDP-MED): what telephones and their switches agree on. */
import type { Printer } from "../packet/protocol.ts";
import { hexDump } from "../line/hex-dump.ts";
import { bitNames } from "./bit-names.ts";
import { hex4 } from "./ip-text.ts";
import type { Message } from "./message.ts";
import type { LldpSubtype, LldpSubtypes } from "./lldp-organizations.ts";

const INDENT = "\n\t    ";

const capability: LldpSubtype = {
  name: "LLDP-MED Capabilities",
  least: 3,
  print(printer, message, at) {
    const set = message.word(at);
    const device = message.byte(at + 2);
    printer.text += `${INDENT}Media capabilities [${bitNames(set, capabilities)}] (0x${hex4(set)})`;
    printer.text += `${INDENT}Device type [${devices[device] ?? "unknown"}] (0x${hex2(device)})`;
  },
};

const policy: LldpSubtype = {
  name: "Network policy",
  least: 4,
  print(printer, message, at) {
    const application = message.byte(at);
    const value = message.triple(at + 1);
    printer.text += `${INDENT}Application type [${applications[application] ?? "none"}] (0x${hex2(application)}), Flags [${bitNames(value >> 16, policyFlags)}]`;
    printer.text += `${INDENT}Vlan id ${(value >> 9) & 0xfff}, L2 priority ${(value >> 6) & 7}, DSCP value ${value & 63}`;
  },
};

const power: LldpSubtype = {
  name: "Extended power-via-MDI",
  least: 3,
  print(printer, message, at) {
    const first = message.byte(at);
    const tenths = message.word(at + 1);
    const isDevice = (first & 0xc0) !== 0;
    printer.text += `${INDENT}Power type [${isDevice ? "PD" : "PSE"} device], Power source [${sources[(first & 0x30) >> 4]!}]`;
    const priority = first & 0x0f;
    printer.text += `${INDENT}Power priority [${priorities[priority] ?? "none"}] (0x${hex2(priority)}), Power `;
    printer.text += tenths < 1024 ? `${Math.trunc(tenths / 10)}.${tenths % 10} Watts` : `${tenths} (Reserved)`;
  },
};

const inventory = (name: string): LldpSubtype => ({
  name: `Inventory - ${name}`,
  print(printer: Printer, message, at, length) {
    printer.text += `\n\t  ${name[0]!.toUpperCase()}${name.slice(1)} `;
    message.printString(printer, at, length);
  },
});

/** Where a telephone is. A postal address is not printed. */
const location: LldpSubtype = {
  name: "Location identification",
  least: 1,
  print(printer, message, at, length) {
    const format = message.byte(at);
    printer.text += `${INDENT}Location data format ${formats[format] ?? "unknown"} (0x${hex2(format)})`;
    if (format === COORDINATES) {
      if (length >= COORDINATES_BYTES) printCoordinates(printer, message, at + 1);
    } else if (format === EMERGENCY) {
      printer.text += `${INDENT}ECS ELIN id `;
      message.printString(printer, at + 1, length - 1);
    } else if (format !== POSTAL) {
      printer.text += `${INDENT}Location ID `;
      printer.text += hexDump(message.bytes, at + 1, at + length, false, "\t      ");
    }
  },
};

/** RFC 6225, section 2.1: 6 bits of resolution and 34 of a value, twice; then the altitude. */
const printCoordinates = (printer: Printer, message: Message, at: number): void => {
  const value = (from: number): number => (message.byte(from) & 3) * 2 ** 32 + message.long(from + 1);
  printer.text += `${INDENT}Latitude resolution ${message.byte(at) >> 2}, latitude value ${value(at)}`;
  printer.text += `${INDENT}Longitude resolution ${message.byte(at + 5) >> 2}, longitude value ${value(at + 5)}`;
  const type = message.byte(at + 10) >> 4;
  printer.text += `${INDENT}Altitude type ${altitudes[type] ?? "unknown"} (${type})`;
  const altitude = message.long(at + 11) & 0x3fff_ffff;
  printer.text += `${INDENT}Altitude resolution ${(message.word(at + 10) >> 6) & 63}, altitude value 0x${altitude.toString(16)}`;
  const datum = message.byte(at + 15);
  printer.text += `${INDENT}Datum ${data[datum] ?? "unknown"} (0x${hex2(datum)})`;
};

const COORDINATES = 1;
/** With the format. */
const COORDINATES_BYTES = 17;
const POSTAL = 2;
const EMERGENCY = 3;

export const media: LldpSubtypes = {
  1: capability,
  2: policy,
  3: location,
  4: power,
  5: inventory("hardware revision"),
  6: inventory("firmware revision"),
  7: inventory("software revision"),
  8: inventory("serial number"),
  9: inventory("manufacturer name"),
  10: inventory("model name"),
  11: inventory("asset ID"),
};

const hex2 = (byte: number): string => byte.toString(16).padStart(2, "0");
const capabilities = [[1, "LLDP-MED capabilities"], [2, "network policy"], [4, "location identification"], [8, "extended power via MDI-PSE"], [16, "extended power via MDI-PD"], [32, "Inventory"]] as const; // prettier-ignore
const devices: Readonly<Record<number, string>> = { 1: "endpoint class 1", 2: "endpoint class 2", 3: "endpoint class 3", 4: "network connectivity" }; // prettier-ignore
const applications: Readonly<Record<number, string>> = { 1: "voice", 2: "voice signaling", 3: "guest voice", 4: "guest voice signaling", 5: "softphone voice", 6: "video conferencing", 7: "streaming video", 8: "video signaling" }; // prettier-ignore
const policyFlags = [[0x80, "Unknown"], [0x40, "Tagged"], [0x20, "reserved"]] as const; // prettier-ignore
const sources = ["none", "PSE - primary power source", "local - backup power source", "PSE+local - reserved"] as const; // prettier-ignore
const priorities: Readonly<Record<number, string>> = { 1: "critical", 2: "high", 3: "low" };
const formats: Readonly<Record<number, string>> = { 1: "coordinate-based LCI", 2: "civic address LCI", 3: "ECS ELIN" };
const altitudes: Readonly<Record<number, string>> = { 1: "meters", 2: "floors" };
const data: Readonly<Record<number, string>> = { 1: "World Geodesic System 1984", 2: "North American Datum 1983 (NAVD88)", 3: "North American Datum 1983 (MLLW)" }; // prettier-ignore
