/** A table of prefixes folded into code: recursion over constants becomes a tree of comparisons. */
import { Xdp } from "../../../src/kernel/context.ts";
import { xdp } from "../../../src/kernel/program.ts";
import { be32, header } from "../../../src/wire/layout.ts";

export interface Route {
  /** The first address, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly verdict: number;
}

const Addresses = header("addresses", "RFC 791, section 3.1", { source: be32, destination: be32 });
const AT = 26;

/** `routes` in order of address, none overlapping another. */
const search = (routes: readonly Route[], address: number): number => {
  if (routes.length === 0) return Xdp.Pass;
  const middle = routes.length >> 1;
  const route = routes[middle]!;
  if (address < route.from) return search(routes.slice(0, middle), address);
  if (address >= route.to) return search(routes.slice(middle + 1), address);
  return route.verdict;
};

export const prefixes = (routes: readonly Route[], options: { readonly bySource: boolean }) =>
  xdp(
    (ctx) => {
      const addresses = ctx.packet.at(Addresses, AT);
      if (addresses === null) return Xdp.Pass;
      return search(routes, options.bySource ? addresses.source : addresses.destination);
    },
    { name: "prefixes" },
  );
