/** Functions for programs that follow the kernel: who runs, and memory that its types do not lead to. */
import { formatAddress } from "../wire/address.ts";
import type { Ipv4Address, Ipv6Address, Layout } from "../wire/layout.ts";
import { runtime } from "./runtime.ts";
import type { KernelStructures } from "./tracepoints.ts";

/** The process that runs: the number that `ps` shows, which all its threads share. */
export const currentPid = (): number => runtime().process().pid;

/** The thread that runs. */
export const currentTid = (): number => runtime().process().tid;

/** The id of the cgroup (version 2) of the process that runs: the inode of its folder. */
export const currentCgroupId = (): bigint => runtime().process().cgroupId;

/**
 * Copies the name of the thread that runs, at most 15 bytes and a zero, into an array field of a view, which
 * does not lie in a packet; zeroes follow it.
 */
export const commInto = <T extends object>(view: T, field: keyof T & string): void => {
  runtime().copyString(view, field, runtime().process().comm);
};

/**
 * A copy of the bytes that a pointer of the kernel leads to, read as `layout`; null when nothing is there. For what the
 * kernel's types do not describe, and for addresses that came as bigints.
 *
 *     const hardware = probeRead(struct("hardware", { address: macAddress }), dev.dev_addr);
 */
export const probeRead = <T>(layout: Layout<T>, pointer: object | bigint): T | null =>
  runtime().probeRead(layout as Layout, pointer) as T | null;

/**
 * Copies text that ends in a zero from the kernel's memory (a `char *` or an array) into an array field of a view, cut to
 * fit with its zero; zeroes follow it. False when nothing is there.
 *
 *     copyString(record, "name", dev.name);
 */
export const copyString = <T extends object>(
  view: T,
  field: keyof T & string,
  source: object | bigint | string,
): boolean => runtime().copyString(view, field, source);

/**
 * The same object as another structure of the kernel: the one that embeds it at its start, or what an address is known to
 * hold. Nothing checks that it is so; what is read of another object is nonsense, and harms nothing.
 *
 *     const tcp = cast("tcp_sock", sk);
 */
export const cast = <N extends keyof KernelStructures>(name: N, pointer: object | bigint): KernelStructures[N] =>
  runtime().cast(name as string, pointer) as KernelStructures[N];

/**
 * Where an object of the kernel lies, or the packet of a tc program's context: what tells it from others as long as it lives,
 * and its program from another one's. A packet on its way through the host is the same object at tc, in its queue and at
 * tracepoints, until it is cut up or copied. The address is given to others afterwards.
 *
 *     const arrival = arrivals.lookup(objectAddress(skb));
 *
 * A test build and `simulate()` answer with `objectAddress` of their environment.
 */
export const objectAddress = (_object: object): bigint => runtime().objectAddress();

/** An IPv4 address that the kernel holds as an integer (`__be32`), which reads as a number: 10.0.0.1 is 0x0a000001. */
export const ipv4Of = (address: number): Ipv4Address => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, address);
  return formatAddress("ipv4", bytes, 0) as Ipv4Address;
};

/** `struct in6_addr`, as the kernel declares it. */
export interface KernelIpv6 {
  readonly in6_u: { readonly u6_addr8: readonly number[] };
}

/** An IPv6 address of the kernel: `ipv6Of(sk.__sk_common.skc_v6_daddr)`. */
export const ipv6Of = (address: KernelIpv6): Ipv6Address => runtime().ipv6Of(address) as Ipv6Address;
