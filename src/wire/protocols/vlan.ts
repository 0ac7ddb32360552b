/** VLAN tags: 802.1Q, and 802.1ad around it. */
import { encodeLayout, readLayout } from "../codec.ts";
import { be16, bits, header, type TypeOf } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { truncated, type Protocol } from "../packet/protocol.ts";
import { isKnownType, printEtherType } from "./ethernet.ts";

/** What follows the EtherType 0x8100 or 0x88a8; `etherType` is that of the contents. */
export const VlanTag = header("VlanTag", "IEEE 802.1Q, section 9.6", {
  priority: bits(3),
  dropEligible: bits(1),
  id: bits(12),
  etherType: be16,
});

export const vlan: Protocol<"vlan", { header: TypeOf<typeof VlanTag> }> = {
  name: "vlan",
  abbreviation: "vlan",
  etherTypes: [EtherType.Vlan, EtherType.ProviderVlan],

  measure(bytes, offset, end, step) {
    if (end - offset < VlanTag.size) return truncated;
    const { etherType } = readLayout(VlanTag, bytes, offset);
    if (isKnownType(etherType)) step.follow("etherType", etherType);
    return VlanTag.size;
  },

  decode: (bytes, offset) => ({ header: readLayout(VlanTag, bytes, offset) }),

  encode: ({ header: given = {} }, context) =>
    encodeLayout(VlanTag, {
      priority: 0,
      dropEligible: 0,
      id: 0,
      ...given,
      etherType: given.etherType ?? context.next("etherType") ?? context.contents,
    }),

  print(printer, index) {
    if (printer.link !== true) return false;
    const { bytes, spans } = printer.packet;
    const { id, priority, dropEligible, etherType } = readLayout(VlanTag, bytes, spans[index]!.offset);
    printer.text += `vlan ${id}, p ${priority}, ${dropEligible === 1 ? "DEI, " : ""}`;
    printEtherType(printer, etherType);
    printer.text += ", ";
    return false;
  },
};
