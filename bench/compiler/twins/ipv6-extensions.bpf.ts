/** Walks IPv6 extension headers to the upper-layer protocol. */
import { Xdp } from "../../../src/kernel/context.ts";
import { perCpuArrayMap } from "../../../src/kernel/maps.ts";
import { xdp } from "../../../src/kernel/program.ts";
import { header, struct, u64, u8 } from "../../../src/wire/layout.ts";
import { EtherType, IpProtocol } from "../../../src/wire/numbers.ts";
import { Ethernet } from "../../../src/wire/headers/ethernet.ts";
import { Fragment } from "../../../src/wire/protocols/fragment.ts";
import { Ipv6 } from "../../../src/wire/headers/ipv6.ts";
import type { Twin } from "./twin.ts";

const Class = { LaterFragment: 256, TooManyHeaders: 257, Truncated: 258, NotIpv6: 259 } as const;
const MAX_HEADERS = 8;
const AUTHENTICATION = 51;
const MOBILITY = 135;
const FIRST_AT = Ethernet.size + Ipv6.size;

const Counter = struct("counter", { packets: u64, bytes: u64 });
const counters = perCpuArrayMap(Counter, { entries: 260, name: "counters" });

/** The first bytes of every extension header. */
const Extension = header("extension", "RFC 8200, section 4", { nextHeader: u8, length: u8 });
/** What is there wherever the packet reaches. */
const Nothing = header("nothing", "", {});

const program = xdp(
  (ctx) => {
    let at = FIRST_AT;

    const walk = (first: number): number => {
      let protocol = first;
      for (let headers = 0; headers < MAX_HEADERS; headers++) {
        const extension = ctx.packet.at(Extension, at);
        let length = Fragment.size;
        switch (protocol) {
          case IpProtocol.HopByHop:
          case IpProtocol.Routing:
          case IpProtocol.DestinationOptions:
          case MOBILITY:
            if (extension === null) return Class.Truncated;
            length = (extension.length + 1) * 8;
            break;
          case AUTHENTICATION:
            if (extension === null) return Class.Truncated;
            length = (extension.length + 2) * 4;
            break;
          case IpProtocol.Fragment: {
            const fragment = ctx.packet.at(Fragment, at);
            if (fragment === null) return Class.Truncated;
            if (fragment.fragmentOffset !== 0) return Class.LaterFragment;
            break;
          }
          default:
            return protocol;
        }
        const next = at + length;
        if (extension === null || ctx.packet.at(Nothing, next) === null) return Class.Truncated;
        protocol = extension.nextHeader;
        at = next;
      }
      return Class.TooManyHeaders;
    };

    const classify = (): number => {
      const ethernet = ctx.packet.at(Ethernet, 0);
      if (ethernet === null) return Class.Truncated;
      if (ethernet.etherType !== EtherType.Ipv6) return Class.NotIpv6;
      const ip = ctx.packet.at(Ipv6, Ethernet.size);
      return ip === null ? Class.Truncated : walk(ip.nextHeader);
    };

    const found = classify();
    const counter = counters.lookup(found);
    if (counter !== null) {
      counter.packets += 1n;
      counter.bytes += BigInt(at - FIRST_AT);
    }
    return found === Class.Truncated || found === Class.TooManyHeaders ? Xdp.Drop : Xdp.Pass;
  },
  { name: "ipv6_extensions" },
);

export const ipv6Extensions: Twin = { program, repeat: program, maps: { counters } };
