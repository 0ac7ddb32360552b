/** Where a frame's network layer starts: enough for those who look at nothing else of the link layer. */
import { EtherType, LinkType } from "../numbers.ts";

/** Whether packets of a link type start with IP, of the version that its first bits say. */
export const isRawIp = (linkType: number): boolean =>
  linkType === LinkType.Raw ||
  linkType === LinkType.RawBsd ||
  linkType === LinkType.RawOpenBsd ||
  linkType === LinkType.Ipv4 ||
  linkType === LinkType.Ipv6;

/** A place to be filled again and again. */
export class NetworkLayer {
  /** EtherType of what is there; -1 when nothing known is. */
  etherType = -1;
  offset = 0;

  /** Finds it in the frame from `offset` to `end`; false when the frame is cut before, or of another kind. */
  find(bytes: Uint8Array, offset: number, end: number, linkType: number): boolean {
    switch (linkType) {
      case LinkType.Ethernet:
        return this.#skipTags(bytes, offset + 12, end);
      case LinkType.Raw:
      case LinkType.RawOpenBsd:
      case LinkType.RawBsd:
        return offset < end && this.#found(bytes[offset]! >> 4 === 6 ? EtherType.Ipv6 : EtherType.Ipv4, offset);
      case LinkType.Ipv4:
        return this.#found(EtherType.Ipv4, offset);
      case LinkType.Ipv6:
        return this.#found(EtherType.Ipv6, offset);
      case LinkType.LinuxCooked:
        return this.#skipTags(bytes, offset + 14, end);
      case LinkType.LinuxCooked2:
        if (end - offset < 20) return false;
        if (!isTag(typeAt(bytes, offset))) return this.#found(typeAt(bytes, offset), offset + 20);
        return this.#skipTags(bytes, offset + 22, end);
      default:
        return false;
    }
  }

  /** `at`: where an EtherType stands, before what it is of. */
  #skipTags(bytes: Uint8Array, at: number, end: number): boolean {
    let place = at;
    while (place + 2 <= end) {
      const etherType = typeAt(bytes, place);
      if (!isTag(etherType)) return this.#found(etherType, place + 2);
      place += 4;
    }
    return false;
  }

  #found(etherType: number, offset: number): true {
    this.etherType = etherType;
    this.offset = offset;
    return true;
  }
}

const isTag = (etherType: number): boolean => etherType === EtherType.Vlan || etherType === EtherType.ProviderVlan;
const typeAt = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
