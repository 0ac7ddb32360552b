/** VLAN tags: 802.1Q, and 802.1ad around it. */
import { encodeLayout, readLayout } from "../codec.ts";
import { VlanTag } from "../headers/vlan.ts";
import type { TypeOf } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { isClaimed, truncated, type PacketSpans, type Protocol } from "../packet/protocol.ts";
import { etherTypeName, printEtherType } from "./ether-type-name.ts";
import { followEtherType, longestLength, printFrame, printUnknownType, typeOrLength } from "./ethernet.ts";

export const vlan: Protocol<"vlan", { header: TypeOf<typeof VlanTag> }> = {
  name: "vlan",
  abbreviation: "vlan",
  etherTypes: [EtherType.Vlan, EtherType.ProviderVlan],

  measure(bytes, offset, end, step) {
    if (end - offset < VlanTag.size) return truncated;
    const { etherType } = readLayout(VlanTag, bytes, offset);
    followEtherType(step, etherType > longestLength ? etherType : EtherType.Llc);
    return VlanTag.size;
  },

  decode: (bytes, offset) => ({ header: readLayout(VlanTag, bytes, offset) }),

  encode: ({ header: given = {} }, context) =>
    encodeLayout(VlanTag, {
      priority: 0,
      dropEligible: 0,
      id: 0,
      ...given,
      etherType: given.etherType ?? typeOrLength(context),
    }),

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { id, priority, dropEligible, etherType } = readLayout(VlanTag, bytes, spans[index]!.offset);
    const outside = tagged(printer.packet, index);
    const isCooked = spans[outside]?.protocol.name.startsWith("linux-cooked") === true;
    const isKnown = isClaimed(printer.packet, index);
    if (printer.link === true) printer.text += `vlan ${id}, p ${priority}, ${dropEligible === 1 ? "DEI, " : ""}`;
    if (isCooked && (printer.link === true || printer.quick !== true)) {
      // In cooked captures tcpdump has the type of what is tagged in every line.
      printer.text += `ethertype ${etherTypeName(etherType) ?? "Unknown"}, `;
    } else if (printer.link === true && etherType <= longestLength) printer.text += "802.3";
    else if (printer.link === true) {
      printEtherType(printer, etherType);
      printer.text += ", ";
    } else if (!isKnown && spans[outside]?.protocol.name === "ethernet") printFrame(printer, outside, etherType);
    return !isKnown && printUnknownType(printer, index);
  },
};

/** Index of the layer around this tag and those outside it. */
const tagged = ({ spans }: PacketSpans, index: number): number => {
  let outside = index - 1;
  while (outside >= 0 && spans[outside]!.protocol === vlan) outside--;
  return outside;
};
