/** VLAN tags put on and taken off; what the kernel carries beside the packet goes into the mark. */
import { tc, Tc, type TcContext } from "../../../src/kernel/index.ts";

const tell = (ctx: TcContext): number => {
  ctx.mark = (ctx.vlanPresent === 0 ? 0 : ctx.vlanTci) + ctx.vlanProtocol * 0x1_0000;
  return ctx.protocol;
};

export type Step = readonly ["push", protocol: number, tci: number] | readonly ["pop"];

/** The packet's EtherType afterwards is the verdict. */
export const steps = (...list: readonly Step[]) =>
  tc((ctx) => {
    for (const step of list) {
      if (step[0] === "push" ? !ctx.vlanPush(step[1], step[2]) : !ctx.vlanPop()) return Tc.Drop;
    }
    return tell(ctx);
  });

/** The tags exchanged, whatever they are. */
export const exchanged = tc((ctx) => {
  if (!ctx.vlanPop()) return Tc.Drop;
  const { vlanPresent, vlanProtocol, vlanTci } = ctx;
  if (vlanPresent === 0) return Tc.Drop;
  if (!ctx.vlanPop() || !ctx.vlanPush(vlanProtocol, vlanTci ^ 0x2001)) return Tc.Drop;
  return tell(ctx);
});
