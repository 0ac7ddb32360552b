/** A program of somebody else's that decides on IPv6 packets itself: those behind it at the hook see none. */
import { Tc } from "../../../kernel/context.ts";
import { tc } from "../../../kernel/program.ts";
import { EtherType } from "../../../wire/numbers.ts";

export const accepting = tc((ctx) => (ctx.protocol === EtherType.Ipv6 ? Tc.Ok : Tc.Next), { name: "accept" });
