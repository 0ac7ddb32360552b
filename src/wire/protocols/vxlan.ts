/** VXLAN: Ethernet in UDP. */
import { encodeLayout, readLayout } from "../codec.ts";
import { be24, bits, header, u8, type TypeOf } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { truncated, type Printer, type Protocol } from "../packet/protocol.ts";

/** `vni` counts where `vniPresent` is 1. */
export const Vxlan = header("Vxlan", "RFC 7348, section 5", {
  reservedHigh: bits(4),
  vniPresent: bits(1),
  reservedLow: bits(3),
  reserved: be24,
  vni: be24,
  reserved2: u8,
});

export const vxlan: Protocol<"vxlan", { header: TypeOf<typeof Vxlan> }> = {
  name: "vxlan",
  abbreviation: "vxlan",
  udpPorts: [4789],

  measure(_bytes, offset, end, step) {
    if (end - offset < Vxlan.size) return truncated;
    step.follow("etherType", EtherType.TransparentEthernetBridging);
    return Vxlan.size;
  },

  decode: (bytes, offset) => ({ header: readLayout(Vxlan, bytes, offset) }),

  encode: ({ header: given = {} }) =>
    encodeLayout(Vxlan, {
      reservedHigh: 0,
      vniPresent: 1,
      reservedLow: 0,
      reserved: 0,
      vni: 0,
      reserved2: 0,
      ...given,
    }),

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset } = spans[index]!;
    printFlags(printer, offset);
    printer.text += `vni ${readLayout(Vxlan, bytes, offset).vni}\n`;
    return false;
  },

  printUnread(printer, { offset, end }) {
    if (offset < end) printFlags(printer, offset);
    else printer.text += "VXLAN";
    printer.text += " [|vxlan]";
  },
};

/** `VXLAN, flags [I] (0x08), `: they are the first byte. */
const printFlags = (printer: Printer, offset: number): void => {
  const flags = printer.packet.bytes[offset]!;
  printer.text += `VXLAN, flags [${(flags & VNI_PRESENT) === 0 ? "invalid" : "I"}] (0x${flags.toString(16).padStart(2, "0")}), `;
};

const VNI_PRESENT = 0x08;
