/**
 * A firewall whose rules are folded into its code: no table is looked up, and a rule costs the two or three instructions that
 * compare what it compares. At XDP, for IPv4.
 *
 *     npx hopmark run examples/firewall.bpf.ts --dev eth0
 *
 * Change `rules` and run it again. The first rule that matches decides; what none matches passes.
 */
import { Xdp, be16, be32, header, perCpuArrayMap, u64, xdp } from "hopmark/kernel";
import { EtherType, Ethernet, IpProtocol, Ipv4, parsePrefix } from "hopmark/wire";

interface Rule {
  readonly action: "pass" | "drop";
  readonly from?: string;
  readonly to?: string;
  readonly protocol?: keyof typeof IpProtocol;
  /** Destination port, of TCP and UDP. */
  readonly port?: number;
}

const rules: readonly Rule[] = [
  { action: "pass", from: "10.0.0.0/8", protocol: "Tcp", port: 22 },
  { action: "drop", protocol: "Tcp", port: 22 },
  { action: "drop", protocol: "Tcp", port: 23 },
  { action: "drop", from: "192.0.2.0/24" },
  { action: "pass", protocol: "Icmp", to: "10.1.2.3/32" },
  { action: "drop", protocol: "Icmp", to: "10.1.2.0/24" },
];

/** The addresses of an IPv4 header as numbers, to be compared with prefixes. */
const Addresses = header("addresses", "RFC 791, section 3.1", { source: be32, destination: be32 });
const ADDRESSES_AT = Ethernet.size + 12;
const Ports = header("ports", "RFC 9293, section 3.1; RFC 768", { source: be16, destination: be16 });

/** Packets by rule, in the order above; the last counts what no rule matched. */
export const hits = perCpuArrayMap(u64, { entries: rules.length + 1, name: "hits" });

const inPrefix = (address: number, text: string): boolean => {
  const { address: first, length } = parsePrefix(text);
  const bytes = first.split(".").map(Number);
  const network = bytes.reduce((value, byte) => value * 256 + byte, 0);
  const mask = length === 0 ? 0 : (0xffff_ffff << (32 - length)) >>> 0;
  return (address & mask) >>> 0 === network;
};

const count = (index: number): void => {
  const hit = hits.lookup(index);
  if (hit !== null) hit.value += 1n;
};

export const firewall = xdp((ctx) => {
  const ethernet = ctx.packet.at(Ethernet, 0);
  if (ethernet === null || ethernet.etherType !== EtherType.Ipv4) return Xdp.Pass;
  const ip = ctx.packet.at(Ipv4, Ethernet.size);
  const addresses = ctx.packet.at(Addresses, ADDRESSES_AT);
  if (ip === null || addresses === null) return Xdp.Pass;
  const hasPorts = (ip.protocol === IpProtocol.Tcp || ip.protocol === IpProtocol.Udp) && ip.fragmentOffset === 0;
  const port = hasPorts ? (ctx.packet.at(Ports, Ethernet.size + ip.headerLength * 4)?.destination ?? -1) : -1;

  for (const [index, rule] of rules.entries()) {
    if (rule.protocol !== undefined && ip.protocol !== IpProtocol[rule.protocol]) continue;
    if (rule.port !== undefined && port !== rule.port) continue;
    if (rule.from !== undefined && !inPrefix(addresses.source, rule.from)) continue;
    if (rule.to !== undefined && !inPrefix(addresses.destination, rule.to)) continue;
    count(index);
    return rule.action === "drop" ? Xdp.Drop : Xdp.Pass;
  }
  count(rules.length);
  return Xdp.Pass;
});
