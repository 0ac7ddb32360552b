/** Programs at tc that put VLAN tags around packets, and take them off. */
import { tc, Tc } from "../../kernel/index.ts";

export type Tag = readonly [protocol: number, tci: number];

/** Puts VLAN tags around each packet, the last one outermost. */
export const pushTags = (tags: readonly Tag[]) =>
  tc(
    (ctx) => {
      for (const [protocol, tci] of tags) if (!ctx.vlanPush(protocol, tci)) return Tc.Drop;
      return Tc.Next;
    },
    { name: "push_tags" },
  );

/** Takes as many off. */
export const popTags = (tags: readonly Tag[]) =>
  tc(
    (ctx) => {
      for (const [protocol, tci] of tags.toReversed()) {
        if (ctx.vlanPresent === 0 || ctx.vlanProtocol !== protocol || ctx.vlanTci !== tci) return Tc.Drop;
        if (!ctx.vlanPop()) return Tc.Drop;
      }
      return Tc.Next;
    },
    { name: "pop_tags" },
  );
