/** Programs that leave packets be: they hold a hook while what fills traces moves to another. */
import { Tc, Xdp } from "../../kernel/context.ts";
import { tc, xdp, type Program } from "../../kernel/program.ts";

export const idleTc = tc(() => Tc.Next, { name: "ioam_idle_tc" });

/** `frags`: takes packets in several buffers, as the program does that it makes room for. */
export const idleXdp = (frags: boolean): Program<"xdp"> => xdp(() => Xdp.Pass, { name: "ioam_idle_xdp", frags });
