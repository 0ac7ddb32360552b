/** LLDP's fields of organizations: which one's, and by its own file what it says. */
import type { Printer } from "../packet/protocol.ts";
import { ieee8021 } from "./lldp-8021.ts";
import { ieee8023 } from "./lldp-8023.ts";
import { media } from "./lldp-media.ts";
import type { Message } from "./message.ts";
import { organizationName } from "./organization-name.ts";

/** What is behind a subtype; `at` is where that is, `length` counts from there. */
export interface LldpSubtype {
  readonly name: string;
  /** Bytes of it that there must be; else nothing more of the field is printed. */
  readonly least?: number;
  /** Without, the field's bytes are shown. */
  readonly print?: (printer: Printer, message: Message, at: number, length: number) => void;
}
export type LldpSubtypes = Readonly<Record<number, LldpSubtype>>;

/** Organization and subtype. */
const HEADER_BYTES = 4;

/** Prints a field; false where its bytes are to be shown. */
export const printLldpOrganization = (printer: Printer, message: Message, at: number, length: number): boolean => {
  const organization = message.triple(at);
  printer.text += `: OUI ${organizationName(organization)} (0x${organization.toString(16).padStart(6, "0")})`;
  const subtypes = organizations[organization];
  if (subtypes === undefined) return false;
  if (length < HEADER_BYTES) return true;
  const number = message.byte(at + 3);
  const { name = "unknown", least = 0, print } = subtypes[number] ?? {};
  printer.text += `\n\t  ${name} Subtype (${number})`;
  if (print === undefined) return false;
  if (length - HEADER_BYTES >= least) print(printer, message, at + HEADER_BYTES, length - HEADER_BYTES);
  return true;
};

/** What became IEEE 802.1's own fields. */
const exchange: LldpSubtypes = {
  1: { name: "DCB Capability Exchange Protocol Rev 1" },
  2: { name: "DCB Capability Exchange Protocol Rev 1.01" },
};

const organizations: Readonly<Record<number, LldpSubtypes>> = {
  0x0080c2: ieee8021,
  0x00120f: ieee8023,
  0x0012bb: media,
  0x001b21: exchange,
};
