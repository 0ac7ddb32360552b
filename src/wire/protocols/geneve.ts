/** Geneve: anything in UDP, with options. */
import { encodeLayout, readLayout } from "../codec.ts";
import { be16, be24, bits, header, u8, type TypeOf } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { fitLength, truncated, type Protocol } from "../packet/protocol.ts";
import { etherTypeName } from "./ether-type-name.ts";

/** `optionsLength` counts 4-byte words behind these 8 bytes. */
export const Geneve = header("Geneve", "RFC 8926, section 3.4", {
  version: bits(2),
  optionsLength: bits(6),
  control: bits(1),
  critical: bits(1),
  reserved: bits(6),
  etherType: be16,
  vni: be24,
  reserved2: u8,
});

/** A Geneve header with its options as they are. */
export interface GeneveContent {
  header: TypeOf<typeof Geneve>;
  data: Uint8Array;
}

export const geneve: Protocol<"geneve", GeneveContent> = {
  name: "geneve",
  abbreviation: "geneve",
  udpPorts: [6081],

  measure(bytes, offset, end, step) {
    if (end - offset < Geneve.size) return truncated;
    const length = Geneve.size + (bytes[offset]! & 0x3f) * 4;
    if (offset + length > end) return truncated;
    step.follow("etherType", readLayout(Geneve, bytes, offset).etherType);
    return length;
  },

  decode: (bytes, offset, length) => ({
    header: readLayout(Geneve, bytes, offset),
    data: bytes.subarray(offset + Geneve.size, offset + length),
  }),

  encode({ header: given = {}, data = new Uint8Array(0) }, context) {
    const bytes = new Uint8Array(Geneve.size + data.length);
    bytes.set(
      encodeLayout(Geneve, {
        version: 0,
        control: 0,
        critical: 0,
        reserved: 0,
        vni: 0,
        reserved2: 0,
        ...given,
        optionsLength: given.optionsLength ?? fitLength("geneve options", data.length / 4, 0x3f),
        etherType: given.etherType ?? context.next("etherType") ?? EtherType.TransparentEthernetBridging,
      }),
    );
    bytes.set(data, Geneve.size);
    return bytes;
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, length } = spans[index]!;
    const { control, critical, etherType, vni } = readLayout(Geneve, bytes, offset);
    const flags = `${control === 1 ? "O" : ""}${critical === 1 ? "C" : ""}`;
    printer.text += `Geneve, Flags [${flags === "" ? "none" : flags}], vni 0x${vni.toString(16)}`;
    if (printer.link === true) {
      printer.text += `, proto ${etherTypeName(etherType) ?? "unknown"} (0x${etherType.toString(16).padStart(4, "0")})`;
    }
    if (length > Geneve.size) printer.text += `, options [${length - Geneve.size} bytes]`;
    printer.text += printer.level > 0 ? "\n\t" : ": ";
    return false;
  },

  printUnread(printer) {
    printer.text += "Geneve [|geneve]";
  },
};
