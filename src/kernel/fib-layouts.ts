/** `struct bpf_fib_lookup` (linux/bpf.h) as it goes in and as it comes out, with the helper's result behind it. */
import {
  be16,
  be32,
  bitsOf,
  i32,
  ipv4Address,
  ipv6Address,
  macAddress,
  u16,
  u32,
  u8,
  type FieldType,
  type Layout,
} from "../wire/layout.ts";

/** Bytes of the kernel's structure. */
export const FIB_BYTES = 64;

/** Where this vocabulary keeps the helper's result. */
export const FIB_CODE_OFFSET = FIB_BYTES;

export const fibFamilies = { ipv4: 2, ipv6: 10 } as const;

const layoutOf = (
  name: string,
  size: number,
  places: Readonly<Record<string, readonly [FieldType, number]>>,
): Layout => ({
  kind: "layout",
  name,
  size,
  alignment: 8,
  source: "linux/bpf.h, struct bpf_fib_lookup",
  fields: Object.entries(places).map(([field, [type, offset]]) => ({
    name: field,
    type,
    bitOffset: offset * 8,
    bits: bitsOf(type),
  })),
});

const query = {
  family: [u8, 0],
  protocol: [u8, 1],
  sourcePort: [be16, 2],
  destinationPort: [be16, 4],
  length: [u16, 6],
  ifindex: [u32, 8],
  table: [u32, 48],
} as const;

const answer = {
  family: [u8, 0],
  mtu: [u16, 6],
  ifindex: [u32, 8],
  metric: [u32, 12],
  nextHop6: [ipv6Address, 32],
  sourceMac: [macAddress, 52],
  destinationMac: [macAddress, 58],
  code: [i32, FIB_CODE_OFFSET],
} as const;

export const fibQueries: Readonly<Record<"ipv4" | "ipv6", Layout>> = {
  ipv4: layoutOf("FibQuery", FIB_BYTES, {
    ...query,
    tos: [u8, 12],
    source: [ipv4Address, 16],
    destination: [ipv4Address, 32],
  }),
  ipv6: layoutOf("FibQuery", FIB_BYTES, {
    ...query,
    flowInfo: [be32, 12],
    source: [ipv6Address, 16],
    destination: [ipv6Address, 32],
  }),
};

/** The next hop has the family that `family` says: both its fields lie at one place. */
export const fibRoutes: Readonly<Record<"ipv4" | "ipv6", Layout>> = {
  ipv4: layoutOf("Route", FIB_CODE_OFFSET + 8, { ...answer, source: [ipv4Address, 16], nextHop: [ipv4Address, 32] }),
  ipv6: layoutOf("Route", FIB_CODE_OFFSET + 8, { ...answer, source: [ipv6Address, 16], nextHop: [ipv6Address, 32] }),
};
