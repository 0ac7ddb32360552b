/**
 * In place, the way of packets through the cutter: a veth pair beside the interface, which cuts up what the stack leaves to the
 * interface to cut. Packets leave the interface's tc egress into the pair, come out of it one by one, and go to the same egress
 * again, where they are marked.
 */
import { Tc } from "../../kernel/context.ts";
import { tc, type Program } from "../../kernel/program.ts";
import { EtherType } from "../../wire/numbers.ts";
import { count } from "../feature/count.bpf.ts";
import { returnedPackets } from "./returned-packets.ts";

export interface Cutter {
  /** Index of the end that packets go into. */
  readonly near: number;
  /** Of the other. */
  readonly far: number;
}

/** At tc egress, before all other programs there: they see each packet once, as it leaves. */
export const divert = ({ near, far }: Cutter): Program<"tc"> =>
  tc(
    (ctx) => {
      // The kernel itself notes where a packet came in last: nobody else's packets say so.
      if (ctx.ingressIfindex === far) return Tc.Next;
      const { protocol } = ctx;
      // All of them, whole or not: those of a flow keep their order.
      const mayBeIpv4 =
        protocol === EtherType.Ipv4 || protocol === EtherType.Vlan || protocol === EtherType.ProviderVlan;
      if (!mayBeIpv4) return Tc.Next;
      // Without the pair, whoever took it away, packets leave uncut.
      if (ctx.mtu(near) === 0) return Tc.Next;
      return ctx.redirect(near);
    },
    { name: "pval_divert" },
  );

/** At tc ingress of the far end. */
export const bringBack = (to: number): Program<"tc"> =>
  tc(
    (ctx) => {
      count(returnedPackets, 0);
      return ctx.redirect(to);
    },
    { name: "pval_back" },
  );
