/** GRE, version 0: a header around packets, with a checksum, a key and a sequence number where it wants them. */
import { encodeLayout, readLayout } from "../codec.ts";
import { readBits, writeBits } from "../integer.ts";
import { be16, bits, header, type TypeOf } from "../layout.ts";
import { EtherType, IpProtocol } from "../numbers.ts";
import { isClaimed, malformed, truncated, type Protocol } from "../packet/protocol.ts";
import { etherTypeName } from "./ether-type-name.ts";

/** Checksum and reserved bytes, key and sequence number follow, four bytes each, where their flags are set. */
export const Gre = header("Gre", "RFC 2784, section 2.1; RFC 2890, section 2", {
  checksumPresent: bits(1),
  reservedBit: bits(1),
  keyPresent: bits(1),
  sequencePresent: bits(1),
  reserved: bits(9),
  version: bits(3),
  etherType: be16,
});

/** A GRE header with the words that its flags announce. */
export interface GreContent {
  header: TypeOf<typeof Gre>;
  /** Checksum and reserved bytes. */
  checksum?: number;
  key?: number;
  sequence?: number;
}

/** What goes in GRE; other EtherTypes are not looked into, as in tcpdump. */
const carried: ReadonlySet<number> = new Set([
  EtherType.Ipv4,
  EtherType.Ipv6,
  EtherType.Mpls,
  EtherType.MplsMulticast,
  EtherType.TransparentEthernetBridging,
]);

export const gre: Protocol<"gre", GreContent> = {
  name: "gre",
  abbreviation: "gre",
  ipProtocols: [IpProtocol.Gre],

  measure(bytes, offset, end, step) {
    if (end - offset < Gre.size) return truncated;
    const { version, etherType, reservedBit, ...flags } = readLayout(Gre, bytes, offset);
    if (version !== 0 || reservedBit === 1) return malformed;
    const length = Gre.size + 4 * (flags.checksumPresent + flags.keyPresent + flags.sequencePresent);
    if (offset + length > end) return truncated;
    if (carried.has(etherType)) step.follow("etherType", etherType);
    return length;
  },

  decode(bytes, offset) {
    const content: GreContent = { header: readLayout(Gre, bytes, offset) };
    let at = offset + Gre.size;
    const next = (): number => readBits(bytes, (at += 4) * 8 - 32, 32);
    if (content.header.checksumPresent === 1) content.checksum = next();
    if (content.header.keyPresent === 1) content.key = next();
    if (content.header.sequencePresent === 1) content.sequence = next();
    return content;
  },

  encode({ header: given = {}, checksum, key, sequence }, context) {
    const words = [checksum, key, sequence].filter((word) => word !== undefined);
    const bytes = new Uint8Array(Gre.size + 4 * words.length);
    bytes.set(
      encodeLayout(Gre, {
        checksumPresent: checksum === undefined ? 0 : 1,
        reservedBit: 0,
        keyPresent: key === undefined ? 0 : 1,
        sequencePresent: sequence === undefined ? 0 : 1,
        reserved: 0,
        version: 0,
        ...given,
        etherType: given.etherType ?? context.next("etherType") ?? EtherType.Ipv4,
      }),
    );
    words.forEach((word, index) => writeBits(word, bytes, (Gre.size + 4 * index) * 8, 32));
    return bytes;
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, length, wireEnd } = spans[index]!;
    const { checksum, key, sequence, header: flags } = gre.decode(bytes, offset, length);
    printer.text += "GREv0";
    if (printer.level > 0) {
      const set = [[flags.checksumPresent, "checksum present"], [flags.keyPresent, "key present"], [flags.sequencePresent, "sequence# present"]] as const; // prettier-ignore
      printer.text += `, Flags [${set.flatMap(([one, name]) => (one === 1 ? [name] : [])).join(", ") || "none"}]`;
    }
    if (checksum !== undefined && printer.level > 0) printer.text += `, sum 0x${(checksum >>> 16).toString(16)}`;
    if (checksum !== undefined) printer.text += `, off 0x${(checksum & 0xffff).toString(16)}`;
    if (key !== undefined) printer.text += `, key=0x${key.toString(16)}`;
    if (sequence !== undefined) printer.text += `, seq ${sequence}`;
    const { etherType } = flags;
    if (printer.link === true)
      printer.text += `, proto ${etherTypeName(etherType) ?? "unknown"} (0x${etherType.toString(16).padStart(4, "0")})`;
    printer.text += `, length ${wireEnd - offset}${printer.level > 0 ? "\n\t" : ": "}`;
    if (isClaimed(printer.packet, index)) return false;
    printer.text += `gre-proto-0x${etherType.toString(16)}`;
    return true;
  },

  printUnread(printer, { fault, offset, wireEnd }) {
    if (fault === truncated) {
      printer.text += " [|gre]";
      return;
    }
    const { version } = readLayout(Gre, printer.packet.bytes, offset);
    printer.text += `GREv${version}`;
    if (version > 1) printer.text += " ERROR: unknown-version";
    else printer.text += `, length ${wireEnd - offset}`;
  },
};
