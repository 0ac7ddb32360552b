/** What must hold of a packet behind an outer header, whatever it was before. */
import type { EncapTunnel } from "../../../src/mark/ioam/encap/rule.ts";
import { HOP_BY_HOP_AT } from "../../../src/mark/ioam/conformance/frames.ts";
import { addressBytes } from "../../../src/wire/address.ts";
import type { MacAddress } from "../../../src/wire/layout.ts";
import { IpProtocol } from "../../../src/wire/numbers.ts";
import { isSame, optionsRight } from "./invariants.ts";

const IPV6_AT = 14;
const IPV6_BYTES = 40;
const VERSION = 6;

/** What of the outer headers is the same for all packets. */
export interface Outer {
  /** Ethernet's addresses; those of the packet without. */
  readonly macs: Uint8Array | undefined;
  /** Source and destination. */
  readonly addresses: Uint8Array;
}

export const outerOf = (
  { source, destination }: EncapTunnel,
  neighbour?: { readonly sourceMac: MacAddress; readonly destinationMac: MacAddress },
): Outer => ({
  macs:
    neighbour &&
    Uint8Array.of(...addressBytes("mac", neighbour.destinationMac), ...addressBytes("mac", neighbour.sourceMac)),
  addresses: Uint8Array.of(...addressBytes("ipv6", source), ...addressBytes("ipv6", destination)),
});

/** The packet as it was, or whole behind the outer headers. */
export const tunnelledRight = (given: Uint8Array, output: Uint8Array, { macs, addresses }: Outer): string => {
  if (output.length === given.length) return isSame(given, output) ? "" : "a packet that got no header changed";
  const options = 8 + (output[HOP_BY_HOP_AT + 1] ?? 0) * 8;
  const bytes = IPV6_BYTES + options;
  if (output.length !== given.length + bytes) return `${output.length - given.length} bytes more, not ${bytes}`;
  const outer = given.slice(0, HOP_BY_HOP_AT);
  if (macs !== undefined) outer.set(macs);
  const length = ((given[IPV6_AT + 4]! << 8) | given[IPV6_AT + 5]!) + bytes;
  outer[IPV6_AT] = (VERSION << 4) | (given[IPV6_AT]! & 0xf);
  outer.set([length >> 8, length & 0xff, IpProtocol.HopByHop], IPV6_AT + 4);
  outer.set(addresses, IPV6_AT + 8);
  if (!isSame(outer, output.subarray(0, HOP_BY_HOP_AT))) return "the outer header is not right";
  if (output[HOP_BY_HOP_AT] !== IpProtocol.Ipv6) return `next header ${output[HOP_BY_HOP_AT]} behind the options`;
  if (!isSame(given.subarray(IPV6_AT), output.subarray(IPV6_AT + bytes))) return "the packet within changed";
  return optionsRight(output, HOP_BY_HOP_AT, options);
};
