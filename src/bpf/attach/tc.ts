import { UnsupportedError } from "../../errors.ts";
import type { Attachable, Attachment, Device } from "./attachment.ts";
import { attachTcx, type Direction, hasTcx, type TcOrder } from "./tcx.ts";

export interface TcAttachOptions {
  readonly direction: Direction;
  /** Among other programs at the hook. */
  readonly order?: TcOrder;
  /** `auto`: TCX where the kernel has it, else a clsact filter. */
  readonly mechanism?: "tcx" | "clsact" | "auto";
}

/** Attaches a tc program to a device's ingress or egress. */
export const attachTc = (program: Attachable, device: Device, options: TcAttachOptions): Attachment => {
  const { direction, order = "last", mechanism = "auto" } = options;
  if (mechanism === "tcx" || (mechanism === "auto" && hasTcx() !== false))
    return attachTcx(program, device, direction, order);
  throw new UnsupportedError("clsact", "not yet");
};
