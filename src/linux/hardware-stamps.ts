/** Which packets a NIC stamps with its own time. Source: include/uapi/linux/net_tstamp.h, Documentation/networking/timestamping.rst. */
import { SyscallError } from "../errors.ts";
import { addressOf, cString, keepAlive, syscall } from "./ffi.ts";
import type { NetlinkSocket } from "./netlink/socket.ts";

/** `struct hwtstamp_config`. */
export interface HardwareStamps {
  /** `HWTSTAMP_TX_…`: 0 off, 1 on. */
  readonly transmit: number;
  /** `HWTSTAMP_FILTER_…`: 0 none, 1 all packets. */
  readonly receive: number;
}

/** All packets that come in. */
export const STAMP_ALL = 1;

/** Undefined where there is no NIC that stamps. */
export const readHardwareStamps = (route: NetlinkSocket, device: string): HardwareStamps | undefined => {
  const config = new Int32Array(3);
  try {
    request(route, device, SIOCGHWTSTAMP, config);
  } catch (error) {
    if (error instanceof SyscallError && ["EOPNOTSUPP", "EINVAL", "ENOTTY"].includes(error.errno)) return undefined;
    throw error;
  }
  return { transmit: config[1] ?? 0, receive: config[2] ?? 0 };
};

/** The driver may stamp more than was asked for. `SyscallError` ERANGE when it cannot stamp that much, EBUSY while others rule it. */
export const setHardwareStamps = (route: NetlinkSocket, device: string, stamps: HardwareStamps): void =>
  request(route, device, SIOCSHWTSTAMP, encodeStamps(stamps));

/** `struct hwtstamp_config`: flags, `tx_type`, `rx_filter`, each an int. */
export const encodeStamps = ({ transmit, receive }: HardwareStamps): Int32Array => Int32Array.of(0, transmit, receive);

/** `struct ifreq`: name (16 bytes), then a pointer. */
export const encodeRequest = (device: string, config: bigint): Uint8Array => {
  const ifreq = new Uint8Array(40);
  ifreq.set(cString(device));
  new DataView(ifreq.buffer).setBigUint64(16, config, true);
  return ifreq;
};

const request = (route: NetlinkSocket, device: string, call: number, config: Int32Array): void => {
  syscall("ioctl", `time stamps of ${device}`, route.fd, call, encodeRequest(device, addressOf(config)));
  keepAlive(config);
};

const SIOCSHWTSTAMP = 0x89b0;
const SIOCGHWTSTAMP = 0x89b1;
