import { type Attachable, type Attachment, type Device, pinOrDetach } from "./attachment.ts";
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
  /**
   * Pinned there as well, and never attached without: whoever finds the pin finds what is attached, also when its maker died
   * between the two.
   */
  readonly pin?: string;
}

/** Attaches a tc program to a device's ingress or egress. */
export const attachTc = (program: Attachable, device: Device, options: TcAttachOptions): Attachment => {
  const { direction, order, mechanism = "auto", pin } = options;
  const tcx = mechanism === "tcx" || (mechanism === "auto" && hasTcx() !== false);
  if (!tcx) return attachClsact(program, device, direction, order, pin);
  const link = attachTcx(program, device, direction, order);
  if (pin !== undefined) pinOrDetach(link, pin);
  return link;
};
