/** Checksums, each a few lines as a program would write them. */
import { ipv4 } from "../../../src/wire/address.ts";
import { checksum, sumWords, updateChecksum } from "../../../src/kernel/checksum.ts";
import { arrayMap } from "../../../src/kernel/maps.ts";
import { xdp } from "../../../src/kernel/program.ts";
import {
  be16,
  be32,
  bits,
  header,
  ipv4Address,
  ipv6Address,
  macAddress,
  struct,
  u32,
  u64,
  u8,
  type Ipv4Address,
} from "../../../src/wire/layout.ts";

const Ipv4 = header("ipv4", "RFC 791, section 3.1", {
  version: bits(4),
  headerWords: bits(4),
  tos: u8,
  totalLength: be16,
  id: be16,
  fragment: be16,
  ttl: u8,
  protocol: u8,
  checksum: be16,
  source: ipv4Address,
  destination: ipv4Address,
});
const Udp = header("udp", "RFC 768", { source: be16, destination: be16, length: be16, checksum: be16 });
const Pair = header("pair", "", { left: ipv6Address, right: ipv6Address });
const Word = header("word", "", { value: be32 });
const Halves = header("halves", "", { a: be16, b: be16, c: be16 });
const here = ipv4("192.0.2.1");
const Odd = header("odd", "", { mac: macAddress, last: u8 });

/** Verifies an IPv4 header at byte 14. */
export const verify = xdp((ctx) => {
  const ip = ctx.packet.at(Ipv4, 14);
  return ip === null ? 0 : checksum(ip) === 0 ? 2 : 1;
});

/** Writes a header whole and sums it. */
export const write = (source: Ipv4Address, destination: Ipv4Address) =>
  xdp((ctx) => {
    const ip = ctx.packet.at(Ipv4, 14);
    if (ip === null) return 0;
    ip.version = 4;
    ip.headerWords = 5;
    ip.tos = 0;
    ip.totalLength = ctx.packet.length - 14;
    ip.id = 0;
    ip.fragment = 0x4000;
    ip.ttl = 64;
    ip.protocol = 4;
    ip.checksum = 0;
    ip.source = source;
    ip.destination = destination;
    ip.checksum = checksum(ip);
    return ip.checksum;
  });

/** The checksum of two words and a third at byte 14, of odd bytes behind, and of what they sum to. */
export const mixed = xdp((ctx) => {
  const word = ctx.packet.at(Word, 14);
  const halves = ctx.packet.at(Halves, 18);
  const odd = ctx.packet.at(Odd, 24);
  const pair = ctx.packet.at(Pair, 31);
  if (word === null || halves === null || odd === null || pair === null) return 0;
  const first = checksum(word.value, halves.a, 0x12345, odd.last, odd);
  const sum = sumWords(pair.left, odd.mac, here, pair);
  pair.right = pair.left;
  word.value = checksum(sum, halves, first) * 65536 + sumWords(pair.right, first);
  halves.b = sum;
  halves.c = first;
  return checksum(halves, odd);
});

/** Updates the checksum at bytes 18 and 19 for changes of 16 and of 32 bits, and of addresses. */
export const update = xdp((ctx) => {
  const word = ctx.packet.at(Word, 14);
  const halves = ctx.packet.at(Halves, 18);
  const pair = ctx.packet.at(Pair, 24);
  const ip = ctx.packet.at(Ipv4, 56);
  if (word === null || halves === null || pair === null || ip === null) return 0;
  const sum = halves.a;
  halves.a = updateChecksum(sum, halves.b, halves.c);
  halves.b = updateChecksum(sum, word.value, halves.c);
  halves.c = updateChecksum(sum, 0x0100, 0);
  word.value = updateChecksum(sum, halves.c, word.value);
  ip.checksum = updateChecksum(updateChecksum(sum, pair.left, pair.right), ip.source, ip.destination);
  return updateChecksum(ip.id, ip.source, here);
});

/** The checksum of UDP over IPv4 without payload, as its sender writes it. */
export const pseudo = xdp((ctx) => {
  const ip = ctx.packet.at(Ipv4, 14);
  const udp = ctx.packet.at(Udp, 34);
  if (ip === null || udp === null) return 0;
  udp.checksum = 0;
  udp.checksum = checksum(ip.source, ip.destination, ip.protocol, udp.length, udp);
  return udp.checksum;
});

const Sums = struct("sums", { id: u32, kind: u8, address: ipv6Address, count: u64 });
export const sums = arrayMap(Sums, { entries: 1, name: "sums" });

/** Of a map's value, which is read as it is. */
export const ofMap = xdp((ctx) => {
  const value = sums.lookup(0);
  const word = ctx.packet.at(Word, 14);
  if (value === null || word === null) return 0;
  value.id = word.value;
  value.count += 0xffff_ffff_ffffn;
  return checksum(value);
});

/** Verifies the checksum of an IPv4 header with its options. */
export const verifyOptions = xdp((ctx) => {
  const ip = ctx.packet.at(Ipv4, 14);
  if (ip === null || ip.headerWords < 5) return 0;
  const sum = ctx.packet.sumWords(14, ip.headerWords * 4);
  return sum < 0 ? 1 : checksum(sum) === 0 ? 3 : 2;
});

/** The sum of as many bytes as byte 14 and 15 say, from the byte on that byte 16 says. */
export const sumOfBytes = (longest: number, factor = 1) =>
  xdp((ctx) => {
    const halves = ctx.packet.at(Halves, 14);
    if (halves === null || halves.a > longest) return 0;
    const sum = ctx.packet.sumWords(halves.b >>> 8, halves.a * factor);
    return sum < 0 ? 0x7fff_ffff : sum;
  });

export const sumOfFixed = (length: number) => xdp((ctx) => ctx.packet.sumWords(17, length) + 1);
