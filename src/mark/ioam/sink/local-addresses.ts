/** Telling a sink which addresses are its node's own. */
import type { MapHandle } from "../../../bpf/maps/handle.ts";
import type { Netns } from "../../../linux/netns.ts";
import { addresses } from "../../../linux/rtnetlink/addresses.ts";
import { openRtnetlink } from "../../../linux/rtnetlink/socket.ts";
import { ipv6 } from "../../../wire/address.ts";
import type { Ipv6Address } from "../../../wire/layout.ts";

/** Makes the map hold the IPv6 addresses that the node has now. Throws `map-full` when they are more than it holds. */
export const writeLocalAddresses = (map: MapHandle<Ipv6Address, { value: number }>, netns: Netns): void => {
  const own = new Set(localIpv6(netns));
  const gone = [...map.keys()].filter((address) => !own.delete(address));
  map.deleteAll(gone);
  for (const address of own) map.set(address, { value: 1 });
};

const localIpv6 = (netns: Netns): Ipv6Address[] => {
  const route = openRtnetlink(netns);
  try {
    return addresses(route)
      .map(({ prefix }) => prefix.replace(/\/.*/, ""))
      .filter((address) => address.includes(":"))
      .map(ipv6);
  } finally {
    route.close();
  }
};
