/** Hashes of what flows are told apart by. */
import { hash } from "../../../src/kernel/hash.ts";
import { variable } from "../../../src/kernel/maps.ts";
import { xdp } from "../../../src/kernel/program.ts";
import { ipv4, ipv6, mac } from "../../../src/wire/address.ts";
import { be16, be32, header, ipv4Address, ipv6Address, macAddress, u32, u64, u8 } from "../../../src/wire/layout.ts";

export const result = variable(u64, 0n, { name: "result" });

const Addresses = header("addresses", "", { source: ipv4Address, destination: ipv4Address, ports: u32, protocol: u8 });
const Wide = header("wide", "", { source: ipv6Address, destination: ipv6Address, ports: u32, protocol: u8 });
const Link = header("link", "", { destination: macAddress, source: macAddress, type: be16, word: be32 });

/** The flow hash of consistent hashing: two steps. */
export const flow = xdp((ctx) => {
  const ip = ctx.packet.at(Addresses, 14);
  if (ip === null) return 0;
  result.value = hash(0x243f_6a88_85a3_08d3n, ip.source, ip.destination, ip.ports + ip.protocol * 0x1_0000_0000);
  return 2;
});

export const wideFlow = xdp((ctx) => {
  const ip = ctx.packet.at(Wide, 14);
  if (ip === null) return 0;
  result.value = hash(0x243f_6a88_85a3_08d3n, ip.source, ip.destination, ip.ports + ip.protocol * 0x1_0000_0000);
  return 2;
});

/** Addresses of all lengths side by side, changed ones and constants, negative numbers, bigints past 64 bits. */
export const everything = xdp((ctx) => {
  const link = ctx.packet.at(Link, 0);
  const ip = ctx.packet.at(Addresses, 14);
  const wide = ctx.packet.at(Wide, 27);
  if (link === null || ip === null || wide === null) return 0;
  const first = hash(BigInt(link.type), link.source, ip.source, link.destination, wide.source, ip.destination);
  const { source, destination } = ip;
  ip.destination = source;
  const second = hash(
    first * 3n,
    source,
    destination,
    link.type - 40_000,
    first << 9n,
    -first,
    ip.source,
    ip.destination,
  );
  result.value = hash(second, ipv4("192.0.2.1"), ipv6("db01::1"), mac("02:00:00:00:00:01"), 7, 9n, wide.destination);
  return 2;
});
