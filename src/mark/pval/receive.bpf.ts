/**
 * What comes in by a pval device: copied and stripped of its mark, as far as that is wanted. It runs at tc ingress of the
 * device below and sends packets into the veth pair; in place they go on up the stack.
 */
import { Tc, type TcContext } from "../../kernel/context.ts";
import { tc, type Program } from "../../kernel/program.ts";
import { copyPacket, prepareCopy, type CopyConfig } from "./copy.bpf.ts";
import { stripPacket } from "./strip.bpf.ts";

export interface ReceiveConfig {
  /** Bytes before the IP header. */
  readonly network: number;
  readonly strip: boolean;
  /** Null: none are copied. */
  readonly copy: CopyConfig | null;
  /** Null: packets stay where they are. */
  readonly to: Upper | null;
}

/** `BPF_F_INGRESS`: as if the packet had come in by that interface. */
const INGRESS = 1;

/** The device that receives in the other's place. */
export interface Upper {
  readonly ifindex: number;
  /** Bytes of the longest packet that its veth pair lets through. */
  readonly mtu: number;
  /** The other end of its veth pair. */
  readonly farIfindex: number;
}

export const receive = (config: ReceiveConfig): Program<"tc"> => {
  const copying = prepareCopy(config.copy);
  return tc(
    (ctx) => {
      const { to } = config;
      // Before anything is changed: without the pair, whoever took it away, the device below is by itself again.
      if (to !== null && ctx.mtu(to.farIfindex) === 0) return Tc.Next;
      if (copying !== null) copyPacket(ctx, copying);
      if (config.strip) stripPacket(ctx, config.network);
      return to === null ? Tc.Next : handUp(ctx, config.network, to);
    },
    { name: "pval_rx" },
  );
};

/**
 * Through the pair, which counts what it carries; but it does not carry what is longer than the device's MTU, which a device
 * receives nevertheless: that one side has lowered its MTU is not known to the other.
 */
const handUp = (ctx: TcContext, network: number, { ifindex, mtu, farIfindex }: Upper): number => {
  const fits = ctx.gsoSize !== 0 || ctx.packet.length <= mtu + network;
  return fits ? ctx.redirect(farIfindex) : ctx.redirect(ifindex, INGRESS);
};
