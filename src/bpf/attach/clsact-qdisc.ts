/** The clsact qdisc of a device, which several processes' filters may be on. */
import { HopmarkError, SyscallError } from "../../errors.ts";
import type { NetlinkSocket } from "../../linux/netlink/socket.ts";
import { addClsact, type BpfFilter, deleteClsact, filters, qdiscs } from "../../linux/rtnetlink/traffic-control.ts";
import { describe, type Device } from "./attachment.ts";

export const hasClsact = (route: NetlinkSocket, { ifindex }: Device): boolean =>
  qdiscs(route, ifindex).some(({ kind }) => kind === "clsact");

export const allFilters = (route: NetlinkSocket, device: number): BpfFilter[] => [
  ...filters(route, device, "ingress"),
  ...filters(route, device, "egress"),
];

/**
 * Makes a clsact where there is none; whether it did.
 * @throws HopmarkError `no-device`, `busy` where an ingress qdisc is
 */
export const ensureClsact = (route: NetlinkSocket, device: Device): boolean => {
  try {
    addClsact(route, device.ifindex);
    return true;
  } catch (error) {
    if (error instanceof SyscallError && error.errno === "ENODEV") {
      throw new HopmarkError("no-device", `there is no ${describe(device)}`, { cause: error });
    }
    if (!(error instanceof SyscallError && error.errno === "EEXIST")) throw error;
    if (hasClsact(route, device)) return false;
    throw new HopmarkError("busy", `${describe(device)} has an ingress qdisc, which stands in the way of clsact`, {
      hint: "delete it (tc qdisc del dev DEVICE ingress), or make it clsact, which does all that ingress does",
      cause: error,
    });
  }
};

export const deleteClsactIfEmpty = (route: NetlinkSocket, device: Device): void => {
  const isEmpty = hasClsact(route, device) && allFilters(route, device.ifindex).length === 0;
  if (isEmpty) deleteClsact(route, device.ifindex);
};
