/** What network devices say of XDP (generic netlink family `netdev`, kernel 6.3). Source: include/uapi/linux/netdev.h. */
import { UnsupportedError } from "../../errors.ts";
import type { Netns } from "../netns.ts";
import { GenericFamily } from "./family.ts";

/** `NETDEV_XDP_ACT_…`, with the kernel's names. */
export const XdpFeature = {
  Basic: 1n,
  Redirect: 2n,
  /** The device sends frames that XDP programs of other devices redirect to it; a veth, while its other end takes them. */
  NdoXmit: 4n,
  RxSg: 32n,
  /** The same for frames in several buffers. */
  NdoXmitSg: 64n,
} as const;

/** Bits of `XdpFeature` by interface index; undefined where the kernel does not say. */
export const xdpFeatures = (netns: Netns): ReadonlyMap<number, bigint> | undefined => {
  let family: GenericFamily;
  try {
    family = new GenericFamily("netdev", 1, netns);
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
  try {
    const devices = family.dump({ number: DEV_GET, name: "NETDEV_CMD_DEV_GET" });
    return new Map(devices.map((device) => [device.number(IFINDEX) ?? 0, device.u64(XDP_FEATURES) ?? 0n]));
  } finally {
    family.close();
  }
};

const DEV_GET = 1;
const IFINDEX = 1;
const XDP_FEATURES = 3;
