/** Ethernet II, and IEEE 802.3, whose frames have a length in place of an EtherType. */
import { formatAddress, mac } from "../address.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import { readBits } from "../integer.ts";
import { Ethernet } from "../headers/ethernet.ts";
import type { TypeOf } from "../layout.ts";
import { EtherType, LinkType } from "../numbers.ts";
import { hexDump } from "../line/hex-dump.ts";
import {
  isClaimed,
  truncated,
  type EncodeContext,
  type Printer,
  type Protocol,
  type Step,
} from "../packet/protocol.ts";
import { printEtherType } from "./ether-type-name.ts";

/** What is no more stands for a length (IEEE 802.3, section 3.2.6). */
export const longestLength = 1500;

export const ethernet: Protocol<"ethernet", { header: TypeOf<typeof Ethernet> }> = {
  name: "ethernet",
  abbreviation: "ether",
  linkTypes: [LinkType.Ethernet],
  etherTypes: [EtherType.TransparentEthernetBridging],
  bounded: true,

  measure(bytes, offset, end, step) {
    if (end - offset < Ethernet.size) return truncated;
    const etherType = readBits(bytes, (offset + 12) * 8, 16);
    if (etherType > longestLength) followEtherType(step, etherType);
    else {
      step.bound(offset + Ethernet.size + etherType);
      step.follow("etherType", EtherType.Llc);
    }
    return Ethernet.size;
  },

  decode: (bytes, offset) => ({ header: readLayout(Ethernet, bytes, offset) }),

  encode: ({ header: given = {} }, context) =>
    encodeLayout(Ethernet, {
      destination: given.destination ?? noAddress,
      source: given.source ?? noAddress,
      etherType: given.etherType ?? typeOrLength(context),
    }),

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset } = spans[index]!;
    const etherType = readBits(bytes, (offset + 12) * 8, 16);
    const known = isClaimed(printer.packet, index);
    if (printer.link !== true && known) return false;
    printFrame(printer, index, etherType);
    return !known && printUnknownType(printer, index);
  },
};

/** `2e:fe:7c:b0:c7:72 > 2e:fe:7c:b0:c7:73, ethertype IPv4 (0x0800), length 42: `; the type is another's where tags are left out. */
export const printFrame = (printer: Printer, index: number, etherType: number): void => {
  const { bytes, spans } = printer.packet;
  const { offset, wireEnd } = spans[index]!;
  printer.text += `${formatAddress("mac", bytes, offset + 6)} > ${formatAddress("mac", bytes, offset)}, `;
  if (etherType <= longestLength) {
    printer.text += `802.3, length ${etherType}: `;
    return;
  }
  printEtherType(printer, etherType);
  printer.text += `, length ${(index === 0 ? printer.wireLength : wireEnd) - offset}: `;
};

/** What a link-layer header announces; Ethernet in Ethernet is a matter of tunnels. */
export const followEtherType = (step: Step, etherType: number): void => {
  if (etherType !== EtherType.TransparentEthernetBridging) step.follow("etherType", etherType);
};

/** The contents' type; where they have none, their length. */
export const typeOrLength = (context: EncodeContext): number => {
  const next = context.next("etherType") ?? EtherType.Llc;
  return next === EtherType.Llc ? context.contents : next;
};

/** What follows a type that nothing knows: its bytes, where they are not shown anyway. Nothing more is printed then. */
export const printUnknownType = (printer: Printer, index: number): true => {
  const { bytes, spans } = printer.packet;
  const { offset, length, end } = spans[index]!;
  if (printer.hexFollows !== true && printer.quick !== true) printer.text += hexDump(bytes, offset + length, end, true);
  return true;
};

const noAddress = mac("00:00:00:00:00:00");
