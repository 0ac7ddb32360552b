/** 256 prefixes, folded into code and as a map. */
import { Xdp } from "../../src/kernel/context.ts";
import { lpmTrie } from "../../src/kernel/maps.ts";
import { xdp } from "../../src/kernel/program.ts";
import { be32, header, struct, u32 } from "../../src/wire/layout.ts";

export const PREFIXES = 256;
export const PREFIX_LENGTH = 24;
/** Numbers of the networks, in order: no two are neighbours. */
export const networks = Array.from({ length: PREFIXES }, (_, index) => 0x0a_00_00 + index * 7);

/** The destination in an IPv4 header behind Ethernet. */
const Destination = header("destination", "RFC 791, section 3.1", { address: be32 });
const AT = 14 + 16;

const PrefixKey = struct("prefix_key", { prefixLength: u32, address: be32 });
export const prefixes = lpmTrie(PrefixKey, u32, { entries: PREFIXES, name: "prefixes" });

/** Whether a network is one of the list, by halves. */
const isListed = (list: readonly number[], network: number): boolean => {
  if (list.length === 0) return false;
  const middle = list.length >> 1;
  const here = list[middle]!;
  if (network === here) return true;
  return network < here ? isListed(list.slice(0, middle), network) : isListed(list.slice(middle + 1), network);
};

export const folded = xdp(
  (ctx) => {
    const destination = ctx.packet.at(Destination, AT);
    if (destination === null) return Xdp.Drop;
    return isListed(networks, destination.address >>> 8) ? Xdp.Tx : Xdp.Pass;
  },
  { name: "folded" },
);

export const looksUp = xdp(
  (ctx) => {
    const destination = ctx.packet.at(Destination, AT);
    if (destination === null) return Xdp.Drop;
    return prefixes.lookup({ prefixLength: 32, address: destination.address }) === null ? Xdp.Pass : Xdp.Tx;
  },
  { name: "looks_up" },
);
