/** Routers: what they do with the kernel's answers. */
import { Tc, Xdp } from "../../../src/kernel/context.ts";
import { Fib, FibFlag } from "../../../src/kernel/fib.ts";
import { variable } from "../../../src/kernel/maps.ts";
import { tc, xdp } from "../../../src/kernel/program.ts";
import { be16, header, i32, ipv4Address, ipv6Address, macAddress, u32, u8 } from "../../../src/wire/layout.ts";

const Ethernet = header("Ethernet", "IEEE 802.3", { destination: macAddress, source: macAddress, etherType: be16 });
const Ipv4 = header("ipv4", "RFC 791, section 3.1", {
  start: be16,
  totalLength: be16,
  id: be16,
  fragment: be16,
  ttl: u8,
  protocol: u8,
  checksum: be16,
  source: ipv4Address,
  destination: ipv4Address,
});
const Ipv6 = header("ipv6", "RFC 8200, section 3", {
  flow: u32,
  payloadLength: be16,
  nextHeader: u8,
  hopLimit: u8,
  source: ipv6Address,
  destination: ipv6Address,
});

export const code = variable(i32, -99, { name: "code" });
export const egress = variable(u32, 0, { name: "egress" });
export const mtu = variable(u32, 0, { name: "mtu" });

/** Forwards IPv4: both MAC addresses, and the next hop into the packet's source, where a test can see it. */
export const forwardIpv4 = xdp((ctx) => {
  const ethernet = ctx.packet.at(Ethernet, 0);
  const ip = ctx.packet.at(Ipv4, 14);
  if (ethernet === null || ip === null) return Xdp.Drop;
  const { source, destination } = ip;
  const route = ctx.fibLookup({ source, destination, length: ip.totalLength, protocol: ip.protocol });
  code.value = route.code;
  if (route.code === Fib.FragNeeded) mtu.value = route.mtu;
  if (route.code !== Fib.Success) return Xdp.Pass;
  egress.value = route.ifindex;
  mtu.value = route.mtu;
  ethernet.source = route.sourceMac;
  ethernet.destination = route.destinationMac;
  ip.source = route.nextHop;
  return Xdp.Tx;
});

export const forwardIpv6 = tc((ctx) => {
  const ethernet = ctx.packet.at(Ethernet, 0);
  const ip = ctx.packet.at(Ipv6, 14);
  if (ethernet === null || ip === null) return Tc.Drop;
  const { source, destination } = ip;
  const route = ctx.fibLookup(
    { source, destination, ifindex: ctx.mark, length: ip.payloadLength + 40 },
    FibFlag.Output,
  );
  code.value = route.code;
  if (route.code !== Fib.Success) return Tc.Ok;
  egress.value = route.ifindex;
  mtu.value = route.mtu;
  ethernet.source = route.sourceMac;
  ethernet.destination = route.destinationMac;
  ip.source = route.nextHop6;
  ip.destination = route.nextHop;
  return route.family;
});
