/** LLC, behind IEEE 802.3's length, and SNAP within it: what a frame carries that has no EtherType. */
import { formatAddress } from "../address.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import { hexDump } from "../line/hex-dump.ts";
import { be16, be24, bits, header, u8, type TypeOf } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { isClaimed, truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import { etherTypeName } from "./ether-type-name.ts";
import { followEtherType } from "./ethernet.ts";

/** The control field of numbered frames has a second byte. */
export const Llc = header("Llc", "IEEE 802.2, section 5", {
  destination: bits(7),
  group: bits(1),
  source: bits(7),
  response: bits(1),
  control: u8,
});

/** A header of three bytes, or four. */
export interface LlcContent {
  header: TypeOf<typeof Llc>;
  /** Of numbered frames. */
  control2?: number;
}

/** Who organization 0 is: EtherTypes; others have numbers of their own. */
export const Snap = header("Snap", "IEEE 802, section 9", { organization: be24, protocol: be16 });

const SNAP = 0xaa;
const UNNUMBERED_INFORMATION = 0x03;
const isUnnumbered = (control: number): boolean => (control & 0x03) === 0x03;

/** Bytes of the header at a place, of which the third says how many. */
export const llcLength = (bytes: Uint8Array, offset: number): number =>
  isUnnumbered(bytes[offset + 2]!) ? Llc.size : Llc.size + 1;

/** Whether SNAP follows the header at a place. */
export const isSnap = (bytes: Uint8Array, offset: number): boolean =>
  bytes[offset] === SNAP && bytes[offset + 1] === SNAP && bytes[offset + 2] === UNNUMBERED_INFORMATION;

export const llc: Protocol<"llc", LlcContent> = {
  name: "llc",
  abbreviation: "llc",
  etherTypes: [EtherType.Llc],

  measure(bytes, offset, end, step) {
    if (end - offset < Llc.size) return truncated;
    const length = llcLength(bytes, offset);
    if (offset + length > end) return truncated;
    const isPlain = bytes[offset] === bytes[offset + 1] && bytes[offset + 2] === UNNUMBERED_INFORMATION;
    if (isPlain) step.follow("llcSap", bytes[offset]!);
    return length;
  },

  decode(bytes, offset, length) {
    const content = { header: readLayout(Llc, bytes, offset) };
    return length > Llc.size ? { ...content, control2: bytes[offset + Llc.size]! } : content;
  },

  encode({ header: given = {}, control2 }, context) {
    const sap = (context.next("llcSap") ?? SNAP) >> 1;
    const bytes = encodeLayout(Llc, {
      destination: sap,
      group: 0,
      source: sap,
      response: 0,
      control: UNNUMBERED_INFORMATION,
      ...given,
    });
    return control2 === undefined ? bytes : Uint8Array.from([...bytes, control2]);
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, length, end, wireEnd } = spans[index]!;
    const [destination, source, control] = [bytes[offset]!, bytes[offset + 1]!, bytes[offset + 2]!] as const;
    const isKnown = isClaimed(printer.packet, index);
    const kind = (source & 1) === 0 ? "Command" : "Response";
    if (printer.link === true) {
      const value = isUnnumbered(control) ? control : control | (bytes[offset + 3]! << 8);
      printer.text += `LLC, dsap ${sapName(destination)} (0x${hex2(destination & 0xfe)}) ${(destination & 1) === 0 ? "Individual" : "Group"}, `;
      printer.text += `ssap ${sapName(source)} (0x${hex2(source & 0xfe)}) ${kind}, ctrl 0x${value.toString(16).padStart(isUnnumbered(control) ? 2 : 4, "0")}: `;
    }
    if (isKnown) return false;
    if (printer.link !== true) {
      const isOwn = (source & 0xfe) === (destination & 0xfe);
      printSource(printer, index, ({ from, to }) => `${from}${isOwn ? "" : ` ${unnamed(source, "SSAP")}`} > ${to} `);
      printer.text += `${unnamed(destination, "DSAP")} `;
    }
    const [text, hasContents] = controlText(bytes, offset, kind);
    printer.text += `${text}, length ${wireEnd - offset}`;
    if (control === UNNUMBERED_INFORMATION || hasContents) dumpFrom(printer, offset, end);
    else if (isExchange(control) && length + 3 <= end - offset)
      printer.text += `: ${hex2(bytes[offset + 4]!)} ${hex2(bytes[offset + 5]!)}`;
    return true;
  },

  printUnread(printer, { offset, end }) {
    printer.text += " [|llc]";
    printer.text += hexDump(printer.packet.bytes, offset, end, true);
  },
};

export const snap: Protocol<"snap", { header: TypeOf<typeof Snap> }> = {
  name: "snap",
  abbreviation: "snap",
  llcSaps: [SNAP],

  measure(bytes, offset, end, step) {
    if (end - offset < Snap.size) return truncated;
    const { organization, protocol } = readLayout(Snap, bytes, offset);
    if (organization === ETHERNET) followEtherType(step, protocol);
    else if (organization === CISCO && protocol === PVST) step.follow("llcSap", SPANNING_TREE);
    else if (organization === CISCO) step.follow("ciscoProtocol", protocol);
    return Snap.size;
  },

  decode: (bytes, offset) => ({ header: readLayout(Snap, bytes, offset) }),

  encode({ header: given = {} }, context) {
    const cisco = context.next("llcSap") === SPANNING_TREE ? PVST : context.next("ciscoProtocol");
    return encodeLayout(Snap, {
      organization: given.organization ?? (cisco === undefined ? ETHERNET : CISCO),
      protocol: given.protocol ?? cisco ?? context.next("etherType") ?? EtherType.Ipv4,
    });
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, length, end, wireEnd } = spans[index]!;
    const { organization, protocol } = readLayout(Snap, bytes, offset);
    const isKnown = isClaimed(printer.packet, index);
    if (printer.link !== true && isKnown) return false;
    if (printer.link !== true) {
      printSource(printer, index - 1, ({ from, to }) => `${from} > ${to} `);
      printer.text += "SNAP, ";
    }
    if (printer.link === true || organization !== ETHERNET)
      printer.text += `oui ${organizations[organization] ?? "Unknown"} (0x${organization.toString(16).padStart(6, "0")}), `;
    const name = organization === ETHERNET ? etherTypeName(protocol) : pidName(organization, protocol);
    printer.text += `${organization === ETHERNET ? "ethertype" : "pid"} ${name ?? "Unknown"} (0x${protocol.toString(16).padStart(4, "0")}), `;
    printer.text += `length ${wireEnd - offset - length}: `;
    if (isKnown) return false;
    dumpFrom(printer, spans[index - 1]!.offset, end);
    return true;
  },
};

const hex2 = (byte: number): string => byte.toString(16).padStart(2, "0");

const dumpFrom = (printer: Printer, from: number, end: number): void => {
  if (printer.hexFollows !== true && printer.quick !== true)
    printer.text += hexDump(printer.packet.bytes, from, end, true);
};

/** Ethernet's addresses, where the frame is one. */
const printSource = (
  printer: Printer,
  index: number,
  text: (addresses: { readonly from: string; readonly to: string }) => string,
): void => {
  const { bytes, spans } = printer.packet;
  let outside = index - 1;
  while (outside >= 0 && spans[outside]!.protocol.name === "vlan") outside--;
  if (spans[outside]?.protocol.name !== "ethernet") return;
  const { offset } = spans[outside]!;
  printer.text += text({ from: formatAddress("mac", bytes, offset + 6), to: formatAddress("mac", bytes, offset) });
};

/** IEEE 802.2, section 5.4: information, supervisory and unnumbered frames. `hasContents`: information follows. */
const controlText = (
  bytes: Uint8Array,
  offset: number,
  kind: string,
): readonly [text: string, hasContents: boolean] => {
  const control = bytes[offset + 2]!;
  if (isUnnumbered(control)) {
    const name = unnumbered[control & ~POLL] ?? hex2(control);
    return [
      `Unnumbered, ${name}, Flags [${flagsOf(kind, (control & POLL) !== 0)}]`,
      (control & ~POLL) === UNNUMBERED_INFORMATION || name === "test",
    ];
  }
  const second = bytes[offset + 3]!;
  const flags = flagsOf(kind, (second & 1) !== 0);
  if ((control & 1) === 1)
    return [`Supervisory, ${supervisory[(control >> 2) & 3]!}, rcv seq ${second >> 1}, Flags [${flags}]`, false];
  return [`Information, send seq ${control >> 1}, rcv seq ${second >> 1}, Flags [${flags}]`, true];
};

const flagsOf = (kind: string, isSet: boolean): string => (!isSet ? kind : kind === "Command" ? "Poll" : "Final");
const isExchange = (control: number): boolean => unnumbered[control & ~POLL] === "xid";

const POLL = 0x10;
const unnumbered: Readonly<Record<number, string>> = {
  0x03: "ui",
  0x0f: "dm",
  0x43: "disc",
  0x63: "ua",
  0x6f: "sabme",
  0x87: "frmr",
  0xaf: "xid",
  0xe3: "test",
};
const supervisory = ["Receiver Ready", "Receiver not Ready", "Reject", "unknown"] as const;

const sapName = (sap: number): string => saps[sap & 0xfe] ?? "Unknown";
const unnamed = (sap: number, what: string): string => saps[sap & 0xfe] ?? `Unknown ${what} 0x${hex2(sap & 0xfe)}`;

const saps: Readonly<Record<number, string>> = {
  0x00: "Null",
  0x02: "802.1B I",
  0x04: "SNA",
  0x06: "IP",
  0x0e: "ProWay NM",
  0x42: "STP",
  0x4e: "RS511",
  0x7e: "ISO8208",
  0x8e: "ProWay",
  [SNAP]: "SNAP",
  0xe0: "IPX",
  0xf0: "NetBeui",
  0xfe: "OSI",
};

const ETHERNET = 0x000000;
const CISCO = 0x00000c;
const PVST = 0x010b;
/** The SAP of spanning trees. */
const SPANNING_TREE = 0x42;
const organizations: Readonly<Record<number, string>> = {
  [ETHERNET]: "Ethernet",
  [CISCO]: "Cisco",
  0x0000f8: "Cisco bridged",
  0x00120f: "IEEE 802.3 Private",
  0x0080c2: "Ethernet bridged",
  0x080007: "Appletalk",
  0x009069: "Juniper",
};
const ciscoProtocols: Readonly<Record<number, string>> = {
  [PVST]: "PVST",
  0x010c: "VLAN Bridge",
  0x0111: "UDLD",
  0x2000: "CDP",
  0x2003: "VTP",
  0x2004: "DTP",
};
const pidName = (organization: number, protocol: number): string | undefined =>
  organization === CISCO ? ciscoProtocols[protocol] : undefined;
