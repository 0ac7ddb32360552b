/** The rules and the entry without tc: an XDP program that fills traces and does nothing else. */
import { Xdp } from "../../../kernel/context.ts";
import { xdp, type Program } from "../../../kernel/program.ts";
import { fillTrace } from "../fill/fill.bpf.ts";
import { CUT_SHORT, hopByHopBytes, OUT_OF_REACH, visitIoamOptions } from "../fill/option.bpf.ts";
import { fillUsual, NOT_USUAL } from "../fill/usual.bpf.ts";
import { FIRST_DROPPED } from "../outcome.ts";
import type { TransitConfig } from "../transit/transit.bpf.ts";

const IPV6_BYTES = 40;

/**
 * Drops what a node drops, and says with `Tx` what lies beyond its reach; with `usual`, looks for the usual header first, and
 * says with `Redirect` that it was one.
 */
export const fillAtXdp = (
  { node, device }: TransitConfig,
  { nowNs = 0n, usual = false }: { readonly nowNs?: bigint; readonly usual?: boolean } = {},
): Program<"xdp"> =>
  xdp(
    (ctx) => {
      const bytes = hopByHopBytes(ctx, device.network, null);
      if (bytes === 0) return Xdp.Pass;
      if (bytes === CUT_SHORT) return Xdp.Drop;
      if (bytes === OUT_OF_REACH) return Xdp.Tx;
      if (usual && fillUsual(ctx, node, device, bytes, () => nowNs) !== NOT_USUAL) return Xdp.Redirect;
      const start = device.network + IPV6_BYTES;
      let dropped = false;
      visitIoamOptions(ctx, start, bytes, (at) => {
        const outcome = fillTrace(ctx, node, device, at, start + bytes, () => nowNs);
        if (outcome >= FIRST_DROPPED) dropped = true;
        return outcome < FIRST_DROPPED;
      });
      return dropped ? Xdp.Drop : Xdp.Pass;
    },
    { name: "fill_at_xdp", frags: true },
  );
