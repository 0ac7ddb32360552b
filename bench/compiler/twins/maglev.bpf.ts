/** Sends each flow to the backend that a consistent-hashing table (Maglev) names, by its MAC address. */
import { Xdp, type XdpContext } from "../../../src/kernel/context.ts";
import { arrayMap, perCpuArrayMap } from "../../../src/kernel/maps.ts";
import { xdp } from "../../../src/kernel/program.ts";
import { header, macAddress, struct, u16, u32, u64, type TypeOf } from "../../../src/wire/layout.ts";
import { EtherType, IpProtocol } from "../../../src/wire/numbers.ts";
import { Ethernet } from "../../../src/wire/headers/ethernet.ts";
import { Ipv6 } from "../../../src/wire/headers/ipv6.ts";
import { BothPorts, count, HASH_SEED, ipv4Flow, mix, mixPorts, withHash, type NoFlow } from "./flow.bpf.ts";
import type { Twin } from "./twin.ts";

const Outcome = { Forwarded: 0, NotAFlow: 1, Malformed: 2, NoBackend: 3 } as const;
const noFlow: NoFlow = { malformed: Outcome.Malformed, notAFlow: Outcome.NotAFlow };

const SLOTS = 65537n;

const Backend = struct("backend", { mac: macAddress, unused: u16 });
const table = arrayMap(u32, { entries: Number(SLOTS), name: "table" });
const backends = arrayMap(Backend, { entries: 1024, name: "backends" });
const counters = perCpuArrayMap(u64, { entries: 4, name: "counters" });

/** Both addresses of IPv6, as they lie in memory. */
const Ipv6Addresses = header("addresses", "RFC 8200, section 3", {
  source: u64,
  sourceLow: u64,
  destination: u64,
  destinationLow: u64,
});
const ADDRESSES_AT = Ethernet.size + 8;

type EthernetView = TypeOf<typeof Ethernet>;

const forward = (ctx: XdpContext): number => {
  const ethernet = ctx.packet.at(Ethernet, 0);
  if (ethernet === null) return Outcome.Malformed;
  switch (ethernet.etherType) {
    case EtherType.Ipv4:
      return ipv4Flow(ctx, BothPorts, noFlow, (ip, ports) =>
        withHash(ctx, ip, ports, noFlow, (hash) => send(ethernet, hash)),
      );
    case EtherType.Ipv6: {
      const ip = ctx.packet.at(Ipv6, Ethernet.size);
      if (ip === null) return Outcome.Malformed;
      if (ip.nextHeader !== IpProtocol.Tcp && ip.nextHeader !== IpProtocol.Udp) return Outcome.NotAFlow;
      return sendIpv6(ctx, ethernet, ip.nextHeader);
    }
    default:
      return Outcome.NotAFlow;
  }
};

const sendIpv6 = (ctx: XdpContext, ethernet: EthernetView, nextHeader: number): number => {
  const addresses = ctx.packet.at(Ipv6Addresses, ADDRESSES_AT);
  const ports = ctx.packet.at(BothPorts, Ethernet.size + Ipv6.size);
  if (addresses === null || ports === null) return Outcome.Malformed;
  const source = mix(mix(HASH_SEED, addresses.source), addresses.sourceLow);
  const destination = mix(mix(source, addresses.destination), addresses.destinationLow);
  return send(ethernet, mixPorts(destination, ports.both, nextHeader));
};

const send = (ethernet: EthernetView, hash: bigint): number => {
  const slot = table.lookup(Number(((hash >> 32n) * SLOTS) >> 32n));
  const backend = slot === null ? null : backends.lookup(slot.value);
  if (backend === null) return Outcome.NoBackend;
  ethernet.source = ethernet.destination;
  ethernet.destination = backend.mac;
  return Outcome.Forwarded;
};

const program = xdp(
  (ctx) => {
    const outcome = forward(ctx);
    count(counters, outcome);
    if (outcome === Outcome.Forwarded) return Xdp.Tx;
    return outcome === Outcome.NotAFlow ? Xdp.Pass : Xdp.Drop;
  },
  { name: "maglev" },
);

export const maglev: Twin = { program, repeat: program, maps: { table, backends, counters } };
