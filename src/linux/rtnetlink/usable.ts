import { HopmarkError } from "../../errors.ts";
import { AF_INET6, formatIp, parsePrefix } from "../ip-address.ts";
import type { NetlinkSocket } from "../netlink/socket.ts";
import { addresses } from "./addresses.ts";
import { linkByName } from "./links.ts";
import { routes } from "./routes.ts";

/**
 * Wait until packets are taken at an interface: the kernel notices the carrier, and makes added IPv6 addresses its own (a route in the
 * local table), in the background, under load a good while after the requests that asked for it. Before, it drops
 * what it sends and receives. With IPv6 addresses its link-local one is waited for as well: a router asks for the neighbours
 * of packets that it forwards from that address alone, and while it is tentative asks nobody for a second. `prefixes` are the interface's addresses (`db01::1/64`), added without duplicate detection.
 *
 * Blocks the thread. `HopmarkError` code "timeout" after `limitMs`; an interface whose other end is down never gets there.
 */
export function waitUsable(route: NetlinkSocket, device: string, prefixes: readonly string[], limitMs = 10_000): void {
  const wanted = prefixes.map(parsePrefix).filter((prefix) => prefix.family === AF_INET6);
  const local = wanted.map((prefix) => `${formatIp(prefix.bytes)}/128`);
  const usable = () => {
    const { index, operational } = linkByName(route, device);
    if (!operational) return false;
    const asks = addresses(route, index).some(({ scope, usable: ready }) => ready && scope === "link");
    if (local.length > 0 && !asks) return false;
    const owned = new Set(routes(route, LOCAL_TABLE).map((entry) => entry.destination));
    return local.every((address) => owned.has(address));
  };
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + limitMs;
  while (!usable()) {
    if (performance.now() > deadline)
      throw new HopmarkError("timeout", `${device} did not become usable in ${limitMs} ms`);
    Atomics.wait(pause, 0, 0, 1);
  }
}

const LOCAL_TABLE = 255;
