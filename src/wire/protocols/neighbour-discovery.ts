/** Neighbour discovery: the messages and options of RFC 4861. */
import { be16, be32, bits, header, ipv6Address, macAddress, u8 } from "../layout.ts";
import { layoutOption, optionFormat, type OptionOf } from "../option-list.ts";

/** After the ICMPv6 header of a router solicitation; options follow. */
export const RouterSolicitation = header("RouterSolicitation", "RFC 4861, section 4.1", { reserved: be32 });

/** Lifetime in seconds, timers in milliseconds; 0 says nothing. */
export const RouterAdvertisement = header("RouterAdvertisement", "RFC 4861, section 4.2", {
  hopLimit: u8,
  managed: bits(1),
  other: bits(1),
  reserved: bits(6),
  routerLifetime: be16,
  reachableTime: be32,
  retransmitTimer: be32,
});

/** After the ICMPv6 header of a neighbour solicitation: whose link-layer address is asked for. */
export const NeighbourSolicitation = header("NeighbourSolicitation", "RFC 4861, section 4.3", {
  reserved: be32,
  target: ipv6Address,
});

/** After the ICMPv6 header of a neighbour advertisement: whose link-layer address is told, and how. */
export const NeighbourAdvertisement = header("NeighbourAdvertisement", "RFC 4861, section 4.4", {
  router: bits(1),
  solicited: bits(1),
  override: bits(1),
  reserved: bits(29),
  target: ipv6Address,
});

/** After the ICMPv6 header of a redirect: the better first hop to a destination. */
export const NeighbourRedirect = header("NeighbourRedirect", "RFC 4861, section 4.5", {
  reserved: be32,
  target: ipv6Address,
  destination: ipv6Address,
});

/** `router, solicited`: those that are set. */
export const flagText = (flags: readonly (readonly [set: number, name: string])[]): string => {
  const set = flags.flatMap(([one, name]) => (one === 0 ? [] : [name]));
  return set.length === 0 ? "none" : set.join(", ");
};

/** `3600s`, or `infinity`. */
export const lifetimeText = (seconds: number): string => (seconds === 0xffff_ffff ? "infinity" : `${seconds}s`);

const kinds = [
  layoutOption(
    "sourceLinkAddress",
    1,
    header("Source Link-Layer Address", "RFC 4861, section 4.6.1; RFC 2464", { address: macAddress }),
    ({ address }) => `source link-address option (1), length 8 (1): ${address}`,
  ),
  layoutOption(
    "targetLinkAddress",
    2,
    header("Target Link-Layer Address", "RFC 4861, section 4.6.1; RFC 2464", { address: macAddress }),
    ({ address }) => `destination link-address option (2), length 8 (1): ${address}`,
  ),
  layoutOption(
    "prefixInformation",
    3,
    header("Prefix Information", "RFC 4861, section 4.6.2", {
      prefixLength: u8,
      onLink: bits(1),
      autonomous: bits(1),
      reserved: bits(6),
      validLifetime: be32,
      preferredLifetime: be32,
      reserved2: be32,
      prefix: ipv6Address,
    }),
    ({ prefix, prefixLength, onLink, autonomous, reserved, validLifetime, preferredLifetime }) =>
      `prefix info option (3), length 32 (4): ${prefix}/${prefixLength}${prefixLength > 128 ? "(invalid)" : ""}, ` +
      `Flags [${flagText([
        [onLink, "onlink"],
        [autonomous, "auto"],
        [reserved >> 5, "router"],
      ])}], ` +
      `valid time ${lifetimeText(validLifetime)}, pref. time ${lifetimeText(preferredLifetime)}`,
  ),
  layoutOption(
    "mtu",
    5,
    header("MTU", "RFC 4861, section 4.6.4", { reserved: be16, mtu: be32 }),
    ({ mtu }) => `mtu option (5), length 8 (1):  ${mtu}`,
  ),
] as const;

export const neighbourOptionFormat = optionFormat({
  singles: {},
  lengthCountsHeader: true,
  unit: 8,
  kinds,
});

/** An option of a neighbour discovery message, decoded. */
export type NeighbourOption = OptionOf<typeof neighbourOptionFormat>;
