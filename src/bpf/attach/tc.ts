import type { Attachable, Attachment, Device } from "./attachment.ts";
import { attachClsact } from "./clsact.ts";
import type { Direction, TcOrder } from "./order.ts";
import { attachTcx, hasTcx } from "./tcx.ts";

/** Which side of a device a tc program goes to, and where among others. */
export interface TcAttachOptions {
  readonly direction: Direction;
  /** Among other programs at the hook; `last` when not given. */
  readonly order?: TcOrder;
  /** `auto`: TCX where the kernel has it, else a filter of the clsact qdisc. */
  readonly mechanism?: "tcx" | "clsact" | "auto";
}

/** Attaches a tc program to a device's ingress or egress. */
export const attachTc = (program: Attachable, device: Device, options: TcAttachOptions): Attachment => {
  const { direction, order, mechanism = "auto" } = options;
  const tcx = mechanism === "tcx" || (mechanism === "auto" && hasTcx() !== false);
  return tcx ? attachTcx(program, device, direction, order) : attachClsact(program, device, direction, order);
};
