/**
 * In place, the way of packets through the cutter: a device beside the interface, which cuts up what the stack leaves to the
 * interface to cut. Packets leave the interface's tc egress into it, come out one by one, and go to the same egress again, where
 * they are marked.
 */
import { Tc, type TcContext } from "../../kernel/context.ts";
import { arrayMap } from "../../kernel/maps.ts";
import { tc, type Program } from "../../kernel/program.ts";
import { Ethernet } from "../../wire/headers/ethernet.ts";
import { Ipv4 } from "../../wire/headers/ipv4.ts";
import { struct, u32 } from "../../wire/layout.ts";
import { EtherType, IpProtocol } from "../../wire/numbers.ts";
import { count } from "../feature/count.bpf.ts";
import { openRoomAhead } from "./room-ahead.bpf.ts";
import { returnedPackets } from "./returned-packets.ts";

export interface Cutter {
  /** Index of the device that packets go into. */
  readonly near: number;
  /** Where they come out of it they have come in; null: they come out at once, in the same call of the kernel. */
  readonly far: number | null;
  /** Of the interface. */
  readonly mtu: number;
  /** Bytes before the IP header: 0 where the interface is no Ethernet device. */
  readonly network: number;
}

const ETHERNET_BYTES = 14;
/** What came out as it went in: no transmit queue has this number. */
const UNCUT = 0xfff0;

/**
 * Whether something came out as it went in. Kernels before 6.7, unless they were mended, do not know any more how many
 * packets one stands for whose header has grown, and leave it whole: then room is opened for each packet alone.
 */
export const cutting = arrayMap(struct("pval_cutting", { hasFailed: u32 }), { entries: 1, name: "pval_cutting" });

/** At tc egress, before all other programs there: they see each packet once, as it leaves. */
export const divert = ({ near, far, mtu, network }: Cutter): Program<"tc"> =>
  tc(
    (ctx) => {
      if (far === null) {
        // Those that are whole stay: nothing overtakes what comes back at once.
        if (ctx.gsoSize === 0) return Tc.Next;
        if (ctx.queueMapping === UNCUT) {
          ctx.queueMapping = 0;
          const state = cutting.lookup(0);
          if (state !== null) state.hasFailed = 1;
          return Tc.Next;
        }
      } else if (ctx.ingressIfindex === far) {
        // The kernel itself notes where a packet came in last: nobody else's packets say so.
        return Tc.Next;
      }
      const { protocol } = ctx;
      const mayBeTagged = network !== 0 && (protocol === EtherType.Vlan || protocol === EtherType.ProviderVlan);
      if (protocol !== EtherType.Ipv4 && !mayBeTagged) return Tc.Next;
      // Without the cutter, whoever took it away, packets leave uncut.
      if (ctx.mtu(near) === 0) return Tc.Next;
      if (network === 0 && !putEthernetBefore(ctx)) return Tc.Next;
      const state = far === null ? cutting.lookup(0) : null;
      if (state !== null && state.hasFailed === 0) openRoomAhead(ctx, ETHERNET_BYTES, mtu);
      return ctx.redirect(near);
    },
    { name: "pval_divert" },
  );

/**
 * For the cutter, which is an Ethernet device. The kernel takes it off where packets go back to the interface, which is none: all
 * that is before what it sees as the IP header. Where something else is (an outer IP header, on a GRE interface with many ends) packets stay.
 */
const putEthernetBefore = (ctx: TcContext): boolean => {
  const ip = ctx.packet.at(Ipv4, 0);
  if (ip === null || (ip.protocol !== IpProtocol.Tcp && ip.protocol !== IpProtocol.Udp)) return false;
  if (!ctx.changeHead(ETHERNET_BYTES)) return false;
  const ethernet = ctx.packet.at(Ethernet, 0);
  if (ethernet !== null) ethernet.etherType = EtherType.Ipv4;
  return true;
};

/** Where packets come out of the cutter. */
export const bringBack = (to: number): Program<"tc"> =>
  tc(
    (ctx) => {
      count(returnedPackets, 0);
      if (ctx.gsoSize !== 0) ctx.queueMapping = UNCUT;
      return ctx.redirect(to);
    },
    { name: "pval_back" },
  );
