/** Ethernet II, and enough of IEEE 802.3 to leave its payload alone. */
import { formatAddress, mac } from "../address.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import { readBits } from "../integer.ts";
import { be16, header, macAddress, type TypeOf } from "../layout.ts";
import { EtherType, LinkType } from "../numbers.ts";
import { hexDump } from "../line/hex-dump.ts";
import { truncated, type Printer, type Protocol } from "../packet/protocol.ts";

/** The Ethernet header: 14 bytes. Tags and the payload follow it. */
export const Ethernet = header("Ethernet", "IEEE 802.3, section 3.2", {
  destination: macAddress,
  source: macAddress,
  etherType: be16,
});

/** EtherTypes below are 802.3 lengths. */
const firstEtherType = 0x600;

export const ethernet: Protocol<"ethernet", { header: TypeOf<typeof Ethernet> }> = {
  name: "ethernet",
  abbreviation: "ether",
  linkTypes: [LinkType.Ethernet],
  etherTypes: [EtherType.TransparentEthernetBridging],
  bounded: true,

  measure(bytes, offset, end, step) {
    if (end - offset < Ethernet.size) return truncated;
    const etherType = readBits(bytes, (offset + 12) * 8, 16);
    if (isKnownType(etherType)) step.follow("etherType", etherType);
    else if (etherType < firstEtherType) step.bound(offset + Ethernet.size + etherType);
    return Ethernet.size;
  },

  decode: (bytes, offset) => ({ header: readLayout(Ethernet, bytes, offset) }),

  encode: ({ header: given = {} }, context) =>
    encodeLayout(Ethernet, {
      destination: given.destination ?? noAddress,
      source: given.source ?? noAddress,
      etherType: given.etherType ?? context.next("etherType") ?? context.contents,
    }),

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, wireEnd } = spans[index]!;
    const etherType = readBits(bytes, (offset + 12) * 8, 16);
    const known = isKnownType(etherType);
    if (printer.link !== true && known) return false;
    printer.text += `${formatAddress("mac", bytes, offset + 6)} > ${formatAddress("mac", bytes, offset)}, `;
    if (etherType < firstEtherType) {
      printer.text += `802.3, length ${etherType}: `;
      return printUnknownType(printer, index);
    }
    printEtherType(printer, etherType);
    printer.text += `, length ${(index === 0 ? printer.wireLength : wireEnd) - offset}: `;
    return !known && printUnknownType(printer, index);
  },
};

/** `ethertype IPv6 (0x86dd)` */
export const printEtherType = (printer: Printer, etherType: number): void => {
  const name = etherTypeNames[etherType];
  const number = `(0x${etherType.toString(16).padStart(4, "0")})`;
  if (printer.quick === true) printer.text += name ?? `Unknown Ethertype ${number}`;
  else printer.text += `ethertype ${name ?? "Unknown"} ${number}`;
};

/** Whether something here knows what follows an EtherType. */
export const isKnownType = (etherType: number): boolean => etherTypeNames[etherType] !== undefined;

/** What follows a type that nothing knows: its bytes, where they are not shown anyway. Nothing more is printed then. */
export const printUnknownType = (printer: Printer, index: number): true => {
  const { bytes, spans } = printer.packet;
  const { offset, length, end } = spans[index]!;
  if (printer.hexFollows !== true && printer.quick !== true) printer.text += hexDump(bytes, offset + length, end, true);
  return true;
};

const noAddress = mac("00:00:00:00:00:00");

const etherTypeNames: Readonly<Record<number, string>> = {
  [EtherType.Ipv4]: "IPv4",
  [EtherType.Arp]: "ARP",
  [EtherType.Vlan]: "802.1Q",
  [EtherType.Ipv6]: "IPv6",
  [EtherType.ProviderVlan]: "802.1Q-QinQ",
};
