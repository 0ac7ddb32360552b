/** Redirects by tables of interfaces. */
import { Xdp } from "../../../src/kernel/context.ts";
import { devMap, devMapHash, RedirectFlag } from "../../../src/kernel/dev-map.ts";
import { xdp } from "../../../src/kernel/program.ts";
import { header, u8 } from "../../../src/wire/layout.ts";

const Choice = header("choice", "", { port: u8, missing: u8 });

export const ports = devMap({ entries: 4, name: "ports" });

/** Byte 0 says by which port, byte 1 what becomes of the frame where there is none. */
export const choose = xdp(
  (ctx) => {
    const choice = ctx.packet.at(Choice, 0);
    if (choice === null) return Xdp.Aborted;
    return ports.redirect(choice.port, choice.missing);
  },
  { name: "choose" },
);

export const outOf = devMapHash({ entries: 4, name: "out_of" });

/** A wire: what comes in by one interface leaves by the other. */
export const wire = xdp((ctx) => outOf.redirect(ctx.ifindex, Xdp.Drop), { name: "wire" });

/** A hub: a copy out of every interface but the one it came in by. */
export const hub = xdp(() => outOf.redirect(0, RedirectFlag.Broadcast | RedirectFlag.ExcludeIngress), { name: "hub" });
