import { Tc } from "../../src/kernel/context.ts";
import { tc } from "../../src/kernel/program.ts";
import { markPacket } from "../../src/mark/pval/mark.bpf.ts";
import { stripPacket } from "../../src/mark/pval/strip.bpf.ts";

const network = 14;

/** A run of it leaves the packet as it was. */
export const markAndStrip = tc(
  (ctx) => {
    markPacket(ctx, { network, mtu: 1500 });
    stripPacket(ctx, network);
    return Tc.Next;
  },
  { name: "mark_and_strip" },
);

export const stripOnly = tc(
  (ctx) => {
    stripPacket(ctx, network);
    return Tc.Next;
  },
  { name: "strip_only" },
);

export const idle = tc(() => Tc.Next, { name: "idle" });
