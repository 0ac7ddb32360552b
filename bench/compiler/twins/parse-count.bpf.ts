/** Counts packets and bytes by IP protocol. */
import { Xdp, type XdpContext } from "../../../src/kernel/context.ts";
import { perCpuArrayMap } from "../../../src/kernel/maps.ts";
import { xdp } from "../../../src/kernel/program.ts";
import { struct, u64 } from "../../../src/wire/layout.ts";
import { EtherType } from "../../../src/wire/numbers.ts";
import { Ethernet } from "../../../src/wire/headers/ethernet.ts";
import { Ipv4 } from "../../../src/wire/headers/ipv4.ts";
import { Ipv6 } from "../../../src/wire/headers/ipv6.ts";
import { VlanTag } from "../../../src/wire/headers/vlan.ts";
import type { Twin } from "./twin.ts";

const NOT_IP = 256;
const MALFORMED = 257;
const MAX_TAGS = 2;

const Counter = struct("counter", { packets: u64, bytes: u64 });
const counters = perCpuArrayMap(Counter, { entries: 258, name: "counters" });

/** What an EtherType says is at `at`. */
const classify = (ctx: XdpContext, etherType: number, at: number, tags: number): number => {
  switch (etherType) {
    case EtherType.Vlan:
    case EtherType.ProviderVlan: {
      if (tags === MAX_TAGS) return NOT_IP;
      const tag = ctx.packet.at(VlanTag, at);
      if (tag === null) return MALFORMED;
      return classify(ctx, tag.etherType, at + VlanTag.size, tags + 1);
    }
    case EtherType.Ipv4: {
      const ip = ctx.packet.at(Ipv4, at);
      return ip === null || ip.headerLength < 5 ? MALFORMED : ip.protocol;
    }
    case EtherType.Ipv6: {
      const ip = ctx.packet.at(Ipv6, at);
      return ip === null ? MALFORMED : ip.nextHeader;
    }
    default:
      return NOT_IP;
  }
};

const program = xdp(
  (ctx) => {
    const ethernet = ctx.packet.at(Ethernet, 0);
    const found = ethernet === null ? MALFORMED : classify(ctx, ethernet.etherType, Ethernet.size, 0);
    const counter = counters.lookup(found);
    if (counter !== null) {
      counter.packets += 1n;
      counter.bytes += BigInt(ctx.packet.length);
    }
    return found === MALFORMED ? Xdp.Drop : Xdp.Pass;
  },
  { name: "parse_count" },
);

export const parseCount: Twin = { program, repeat: program, maps: { counters } };
