/** A frame that was held, made ready to be sent: as the kernel had it, its unfinished checksum and its segmentation included. */
import { IpProtocol, EtherType } from "../../wire/numbers.ts";

/** What a record says of a held frame. */
export interface HeldFacts {
  /** The tag that was taken off; null: there was none. */
  readonly tag: { readonly protocol: number; readonly tci: number } | null;
  readonly checksumPartial: boolean;
  /** Bytes of payload of each segment; 0: one packet. */
  readonly gsoSize: number;
}

/** `struct virtio_net_hdr`: include/uapi/linux/virtio_net.h. */
const VIRTIO_BYTES = 10;
const NEEDS_CHECKSUM = 1;
const GSO_TCP_IPV4 = 1;
const GSO_TCP_IPV6 = 4;
const GSO_UDP = 5;
const MAC_BYTES = 12;
const TAG_BYTES = 4;

/** The frame behind its virtio header. */
export const preparedFrame = (frame: Uint8Array, { tag, checksumPartial, gsoSize }: HeldFacts): Uint8Array => {
  const bytes = new Uint8Array(VIRTIO_BYTES + (tag === null ? 0 : TAG_BYTES) + frame.length);
  const view = new DataView(bytes.buffer);
  if (tag === null) bytes.set(frame, VIRTIO_BYTES);
  else {
    bytes.set(frame.subarray(0, MAC_BYTES), VIRTIO_BYTES);
    view.setUint16(VIRTIO_BYTES + MAC_BYTES, tag.protocol);
    view.setUint16(VIRTIO_BYTES + MAC_BYTES + 2, tag.tci);
    bytes.set(frame.subarray(MAC_BYTES), VIRTIO_BYTES + MAC_BYTES + TAG_BYTES);
  }
  if (!checksumPartial) return bytes;
  const transport = transportOf(bytes.subarray(VIRTIO_BYTES));
  if (transport === null) return bytes;
  const { at, protocol, isIpv4 } = transport;
  const isTcp = protocol === IpProtocol.Tcp;
  bytes[0] = NEEDS_CHECKSUM;
  view.setUint16(6, at, true);
  view.setUint16(8, isTcp ? 16 : 6, true);
  if (gsoSize === 0) return bytes;
  bytes[1] = isTcp ? (isIpv4 ? GSO_TCP_IPV4 : GSO_TCP_IPV6) : GSO_UDP;
  const words = bytes[VIRTIO_BYTES + at + 12] ?? 0;
  view.setUint16(2, at + (isTcp ? (words >> 4) * 4 : 8), true);
  view.setUint16(4, gsoSize, true);
  return bytes;
};

/** Where TCP or UDP starts in an Ethernet frame; null when it holds neither. */
const transportOf = (frame: Uint8Array): { at: number; protocol: number; isIpv4: boolean } | null => {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  let at = MAC_BYTES;
  let type = view.getUint16(at);
  while ((type === EtherType.Vlan || type === EtherType.ProviderVlan) && at + 8 <= frame.length)
    type = view.getUint16((at += TAG_BYTES));
  at += 2;
  if (type === EtherType.Ipv4) return transport(frame[at + 9], at + ((frame[at] ?? 0) & 15) * 4, true);
  if (type !== EtherType.Ipv6) return null;
  let protocol = frame[at + 6];
  at += 40;
  while (protocol !== undefined && extensions.has(protocol) && at + 2 <= frame.length) {
    const length = ((frame[at + 1] ?? 0) + 1) * 8;
    protocol = frame[at];
    at += length;
  }
  return transport(protocol, at, false);
};

const extensions: ReadonlySet<number> = new Set([
  IpProtocol.HopByHop,
  IpProtocol.Routing,
  IpProtocol.DestinationOptions,
]);

const transport = (
  protocol: number | undefined,
  at: number,
  isIpv4: boolean,
): { at: number; protocol: number; isIpv4: boolean } | null =>
  protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp ? { at, protocol, isIpv4 } : null;
