/**
 * What leaves by a pval device: marked and copied, as far as that is wanted. It runs where the device's packets come out of
 * its veth pair, at tc ingress of the far end, and sends them on by the device below; in place, at that device's own tc egress.
 */
import { Tc } from "../../kernel/context.ts";
import { tc, type Program } from "../../kernel/program.ts";
import { copyPacket, prepareCopy, type CopyConfig } from "./copy.bpf.ts";
import { markPacket, type MarkConfig } from "./mark.bpf.ts";

export interface TransmitConfig {
  /** Null: packets go on as they are. */
  readonly mark: MarkConfig | null;
  /** Null: none are copied. */
  readonly copy: CopyConfig | null;
  /** The interface that packets leave by; 0 for the one that they are on their way to anyway. */
  readonly to: number;
}

export const transmit = ({ mark, copy, to }: TransmitConfig): Program<"tc"> => {
  const copying = prepareCopy(copy);
  return tc(
    (ctx) => {
      if (mark !== null) markPacket(ctx, mark);
      if (copying !== null) copyPacket(ctx, copying);
      return to === 0 ? Tc.Next : ctx.redirect(to);
    },
    { name: "pval_tx" },
  );
};
