/** Program descriptors: a kernel function with its type. Data until something compiles or simulates it. */
import { requireBody } from "./require-declared.ts";
import { sourceOf } from "./source.ts";
import type { CgroupSkbContext } from "./cgroup-context.ts";
import type { TcContext, XdpContext } from "./context.ts";
import type { SockOpsContext } from "./sock-ops-context.ts";

/** The types of programs, each named as the function that makes one. */
export type ProgramType = "xdp" | "tc" | "cgroupSkb" | "sockOps" | "tracepoint" | "rawTracepoint" | "iterator";

/** What a program is called. */
export interface ProgramOptions {
  /**
   * What the kernel and bpftool call it; at most 15 bytes reach the kernel. Without it, the name of the function or of the
   * variable that the program is declared as.
   */
  readonly name?: string;
}

/** What a program is made for, beyond its type. */
export interface Purpose {
  /** Name of what it can be attached to: a tracepoint, a kind of iterator. Undefined where attaching decides. */
  readonly target?: string;
  /** XDP: the program takes frames in several buffers. */
  readonly frags?: boolean;
  /** Of a cgroup's packets: only those that leave, of which more can be said. */
  readonly egress?: boolean;
}

/** A kernel function with its type and name: what is compiled, simulated and attached. */
export interface Program<T extends ProgramType = ProgramType> {
  readonly kind: "program";
  readonly type: T;
  readonly name: string;
  readonly purpose: Purpose;
  readonly body: (...args: never[]) => number | void;
}

/** How a program is made, in words. Only programs made alike can go on as one another. */
export const madeWith = ({ type, purpose }: { readonly type: ProgramType; readonly purpose?: Purpose }): string => {
  const option = (["frags", "egress"] as const).find((name) => purpose?.[name] === true);
  return option === undefined ? `${type}()` : `${type}(…, { ${option}: true })`;
};

/** For what makes programs of one type. */
export const makeProgram = <T extends ProgramType>(
  type: T,
  body: Program["body"],
  options: ProgramOptions,
  purpose: Purpose = {},
): Program<T> => {
  requireBody(type, body);
  made.add(body);
  return {
    kind: "program",
    type,
    name: options.name ?? (body.name === "" ? (sourceOf(body)?.variable ?? type) : body.name),
    purpose,
    body,
  };
};

const made = new WeakSet<Program["body"]>();

/** Whether this copy of Hopmark made the program. */
export const isMadeHere = ({ body }: Program): boolean => made.has(body);

/** What an XDP program is called, and which frames it takes. */
export interface XdpOptions extends ProgramOptions {
  /**
   * The program takes frames that lie in several buffers, as those of an interface with an MTU above about 3,500 do; without
   * it such an interface takes no XDP program. `ctx.packet.at` sees the first buffer only, `ctx.load`, `ctx.loadInto` and
   * `ctx.store` the whole frame. Programs that it goes on as by tail call must take them too. Linux 5.18.
   */
  readonly frags?: boolean;
}

/** An XDP program. Return one of `Xdp`. */
export const xdp = (body: (context: XdpContext) => number, options: XdpOptions = {}): Program<"xdp"> =>
  makeProgram("xdp", body, options, options.frags === true ? { frags: true } : {});

/** A tc program, for ingress or egress, as TCX or clsact filter. Return one of `Tc`. */
export const tc = (body: (context: TcContext) => number, options: ProgramOptions = {}): Program<"tc"> =>
  makeProgram("tc", body, options);

/** What a program on a cgroup's packets is called, and which packets it is for. */
export interface CgroupSkbOptions extends ProgramOptions {
  /**
   * The program is for packets that leave alone, and may say of them that the way is congested: `CgroupSkb.DropCongested`
   * and `CgroupSkb.AllowCongested`. Programs that it goes on as by tail call must be made so too.
   */
  readonly egress?: boolean;
}

/**
 * A program on the packets that sockets of a cgroup send (egress) or get (ingress). Return one of `CgroupSkb`.
 *
 *     export const noSmtp = cgroupSkb((ctx) => (ctx.socket?.remotePort === 25 ? CgroupSkb.Deny : CgroupSkb.Allow));
 */
export const cgroupSkb = (
  body: (context: CgroupSkbContext) => number,
  options: CgroupSkbOptions = {},
): Program<"cgroupSkb"> => makeProgram("cgroupSkb", body, options, options.egress === true ? { egress: true } : {});

/**
 * A program on what happens to the TCP connections of a cgroup. It returns nothing; `ctx.reply` answers where the kernel asks.
 *
 *     export const window = sockOps((ctx) => {
 *       if (ctx.op === SockOps.RwndInit) ctx.reply = 40;
 *     });
 */
export const sockOps = (body: (context: SockOpsContext) => void, options: ProgramOptions = {}): Program<"sockOps"> =>
  makeProgram("sockOps", body, options);
