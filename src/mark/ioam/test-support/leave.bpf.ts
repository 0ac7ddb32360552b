/** Transit's egress half for TEST_RUN, which cannot stamp packets: this stamps them first. */
import { SkbClock, Tc } from "../../../kernel/context.ts";
import { monotonicNs } from "../../../kernel/helpers.ts";
import { tc, type Program } from "../../../kernel/program.ts";
import { leave, type TransitConfig } from "../transit/transit.bpf.ts";

/** A packet leaves `elapsedNs` after it was stamped. */
export const leaveAfter = (config: TransitConfig, elapsedNs: bigint): Program<"tc"> =>
  tc(
    (ctx) => {
      ctx.setTimestamp(monotonicNs() - elapsedNs, SkbClock.Monotonic);
      leave(ctx, config);
      // Not stamped any more.
      return ctx.timestamp === 0n ? Tc.Next : Tc.Drop;
    },
    { name: "leave_after" },
  );
