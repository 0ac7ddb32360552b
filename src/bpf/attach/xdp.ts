import { HopmarkError, UnsupportedError } from "../../errors.ts";
import { Errno } from "../../linux/ffi.ts";
import { links, type Link } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { Attributes } from "../sys/attributes.ts";
import { bpfError, tryBpf } from "../sys/bpf.ts";
import { AttachType, XdpFlag } from "../sys/constants.ts";
import { type Attachable, describe, type Device, inNamespaceOf, pinOrDetach } from "./attachment.ts";
import { KernelLink } from "./link.ts";
import { xdpOccupant } from "./xdp-occupant.ts";

/** Where in the way of a packet an XDP program runs. */
export interface XdpAttachOptions {
  /** `native`: in the driver or not at all; `generic`: in the stack; `auto`: the driver where it can, else the stack. */
  readonly mode?: "native" | "generic" | "auto";
  /** Pinned there as well. */
  readonly pin?: string;
}

const MODE_FLAGS = { native: XdpFlag.DRV_MODE, generic: XdpFlag.SKB_MODE, auto: 0 } as const;

/**
 * Attaches an XDP program to a device as a link.
 * @throws HopmarkError `no-device`, `busy` (a device runs one), `mtu`; UnsupportedError; PermissionError
 */
export const attachXdp = (program: Attachable, device: Device, options: XdpAttachOptions = {}): KernelLink => {
  const mode = options.mode ?? "auto";
  const attributes = new Attributes()
    .u32(0, program.fd)
    .u32(4, device.ifindex)
    .u32(8, AttachType.XDP)
    .u32(12, MODE_FLAGS[mode]);
  const result = inNamespaceOf(device, () => tryBpf("LINK_CREATE", attributes));
  if (result >= 0) {
    const link = new KernelLink(result, undefined, { mechanism: "xdp", hook: "xdp" });
    if (options.pin !== undefined) pinOrDetach(link, options.pin);
    return link;
  }
  throw refusal(program, device, mode, result);
};

const refusal = (program: Attachable, device: Device, mode: string, error: number): HopmarkError => {
  const what = `program ${program.name} on ${describe(device)}`;
  const link = linkOf(device);
  switch (error) {
    case -Errno.EBUSY:
    case -Errno.EEXIST:
      return busy(device, link);
    case -Errno.EOPNOTSUPP:
      return new UnsupportedError("xdp-native", `the driver of ${describe(device)} has no XDP (${mode} mode)`, {
        hint: "use generic mode",
      });
    case -Errno.ERANGE:
      return new HopmarkError(
        "mtu",
        `${describe(device)}: too large an MTU for XDP in the driver (${link?.mtu} here)`,
        {
          hint: `make the program with { frags: true }, or set the MTU, and a veth peer's, to 3498 or less, or attach it in the stack: ${GENERIC}`,
        },
      );
    case -Errno.EINVAL:
      if (link !== undefined) return bpfError("LINK_CREATE", error, what);
      return new HopmarkError("no-device", `there is no ${describe(device)}`, {
        hint: "interface numbers belong to a network namespace: name the right one",
      });
    default:
      return bpfError("LINK_CREATE", error, what);
  }
};

const GENERIC = 'attachXdp(device, { mode: "generic" }), hopmark run --generic';

const busy = (device: Device, link: Link | undefined): HopmarkError => {
  if (link?.xdpProgramId === undefined)
    return new HopmarkError("busy", `a device above ${describe(device)} runs an XDP program`, {
      hint: "detach that one first (bpftool net shows it), or attach this one there",
    });
  const { what, remedy } = xdpOccupant(link.xdpProgramId, link.name);
  return new HopmarkError("busy", `${describe(device)} already runs an XDP program: ${what}; it can run one`, {
    hint: remedy,
  });
};

/** Undefined when there is none of that number. */
const linkOf = (device: Device): Link | undefined => {
  const route = openRtnetlink(device.netns);
  try {
    return links(route).find((link) => link.index === device.ifindex);
  } finally {
    route.close();
  }
};
