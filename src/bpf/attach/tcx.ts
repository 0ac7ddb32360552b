import { HopmarkError, UnsupportedError } from "../../errors.ts";
import { Errno } from "../../linux/ffi.ts";
import { Attributes } from "../sys/attributes.ts";
import { bpfError, tryBpf } from "../sys/bpf.ts";
import { AttachType, LinkFlag } from "../sys/constants.ts";
import { type Attachable, describe, type Device, inNamespaceOf } from "./attachment.ts";
import { KernelLink } from "./link.ts";
import type { Direction, TcOrder } from "./order.ts";

const TCX_ATTACH_TYPES = { ingress: AttachType.TCX_INGRESS, egress: AttachType.TCX_EGRESS } as const;

/**
 * Attaches a tc program as a TCX link.
 * @throws HopmarkError `no-device`; UnsupportedError before Linux 6.6; PermissionError
 */
export const attachTcx = (
  program: Attachable,
  device: Device,
  direction: Direction,
  order: TcOrder = "last",
): KernelLink => {
  const { flags, relative } = relation(order);
  const attributes = new Attributes()
    .u32(0, program.fd)
    .u32(4, device.ifindex)
    .u32(8, TCX_ATTACH_TYPES[direction])
    .u32(12, flags)
    .u32(16, relative);
  const result = inNamespaceOf(device, () => tryBpf("LINK_CREATE", attributes));
  if (result >= 0) return new KernelLink(result, undefined, { mechanism: "tcx", hook: direction });
  throw refusal(program, device, result);
};

const relation = (order: TcOrder): { flags: number; relative: number } => {
  if (order === "first") return { flags: LinkFlag.BEFORE, relative: 0 };
  if (order === "last") return { flags: LinkFlag.AFTER, relative: 0 };
  const [other, flag] = "before" in order ? [order.before, LinkFlag.BEFORE] : [order.after, LinkFlag.AFTER];
  if (other instanceof KernelLink && other.mechanism === "tcx")
    return { flags: flag | LinkFlag.LINK, relative: other.fd };
  throw new HopmarkError("order", "a TCX program can only be placed before or after another one");
};

const refusal = (program: Attachable, device: Device, error: number): HopmarkError => {
  switch (error) {
    case -Errno.ENODEV:
      return new HopmarkError("no-device", `there is no ${describe(device)}`, {
        hint: "interface numbers belong to a network namespace: name the right one",
      });
    case -Errno.EINVAL:
      return hasTcx() === true
        ? new HopmarkError("tcx", `program ${program.name} cannot be attached to ${describe(device)} in that order`)
        : new UnsupportedError("tcx", "this kernel has no TCX", { hint: "attach with the clsact qdisc instead" });
    case -Errno.ERANGE:
      return new HopmarkError("busy", `64 programs are attached to ${describe(device)}, which is all that fit`, {
        hint: "detach one of them first: bpftool net lists them",
      });
    default:
      return bpfError("LINK_CREATE", error, `program ${program.name} on ${describe(device)}`);
  }
};

let known: boolean | undefined;

/**
 * Whether the kernel has TCX; undefined when it will not tell. Asks for the programs of interface 1 (the loopback of any
 * namespace): changes nothing. HOPMARK_TCX=off says that it has not: programs then go to clsact, as on Linux 6.1.
 */
export const hasTcx = (): boolean | undefined => {
  if (process.env["HOPMARK_TCX"] === "off") return false;
  if (known !== undefined) return known;
  const result = tryBpf("PROG_QUERY", new Attributes().u32(0, 1).u32(4, AttachType.TCX_INGRESS));
  if (result >= 0 || result === -Errno.ENODEV) known = true;
  else if (result === -Errno.EINVAL) known = false;
  return known;
};
