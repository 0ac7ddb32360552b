/** The NIC's own time of receipt, where it has a clock: switched on for rxtstamp, and put back. */
import { SyscallError } from "../../errors.ts";
import { readHardwareStamps, setHardwareStamps, STAMP_ALL, type HardwareStamps } from "../../linux/hardware-stamps.ts";
import type { NetlinkSocket } from "../../linux/netlink/socket.ts";

/** How the NIC stamps now; null where it does not, or stamps all packets anyway. */
export const beforeStamping = (route: NetlinkSocket, device: string): HardwareStamps | null => {
  const now = readHardwareStamps(route, device);
  return now === undefined || now.receive === STAMP_ALL ? null : now;
};

/** Returns what people should know when the NIC does not do it: then the kernel's time, or the clock, is in the copies. */
export const startStamping = (route: NetlinkSocket, device: string, before: HardwareStamps | null): string[] => {
  if (before === null) {
    const has = readHardwareStamps(route, device) !== undefined;
    return has ? [] : [`${device} has no clock of its own: copies have the kernel's time, or that of the program`];
  }
  try {
    setHardwareStamps(route, device, { ...before, receive: STAMP_ALL });
    return [];
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return [`${device} does not stamp all packets (${error.errno}): copies have the kernel's time where it does not`];
  }
};

export const stopStamping = (route: NetlinkSocket, device: string, before: HardwareStamps | null): void => {
  if (before !== null) setHardwareStamps(route, device, before);
};
