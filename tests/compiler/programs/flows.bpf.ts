/** Flows by their 5-tuple: counters, the time of the first packet, and a record to user space for each new one. */
import { Tc } from "../../../src/kernel/context.ts";
import { monotonicNs } from "../../../src/kernel/helpers.ts";
import { lruHashMap, ringBuffer, variable } from "../../../src/kernel/maps.ts";
import { tc } from "../../../src/kernel/program.ts";
import { be16, header, ipv6Address, struct, u64, u8 } from "../../../src/wire/layout.ts";
import { Ipv6 } from "../../../src/wire/headers/ipv6.ts";

export const FlowKey = struct("flow_key", {
  source: ipv6Address,
  destination: ipv6Address,
  sourcePort: be16,
  destinationPort: be16,
  protocol: u8,
});
export const Flow = struct("flow", { packets: u64, bytes: u64, firstNs: u64 });
export const NewFlow = struct("new_flow", { protocol: u8, firstNs: u64 });
const Ports = header("ports", "RFC 768", { source: be16, destination: be16 });

export const flows = lruHashMap(FlowKey, Flow, { entries: 1024, name: "flows" });
export const news = ringBuffer({ bytes: 4096, name: "news" });
export const lost = variable(u64, 0n, { name: "lost" });

export const trackFlows = tc(
  (ctx) => {
    const ip = ctx.packet.at(Ipv6, 14);
    const ports = ctx.packet.at(Ports, 54);
    if (ip === null || ports === null || (ip.nextHeader !== 6 && ip.nextHeader !== 17)) return Tc.Next;
    const key = {
      source: ip.source,
      destination: ip.destination,
      sourcePort: ports.source,
      destinationPort: ports.destination,
      protocol: ip.nextHeader,
    };
    const known = flows.lookup(key);
    const bytes = BigInt(ctx.packet.length);
    if (known !== null) {
      known.packets += 1n;
      known.bytes += bytes;
      return Tc.Next;
    }
    const firstNs = monotonicNs();
    flows.update(key, { packets: 1n, bytes, firstNs });
    const note = news.reserve(NewFlow);
    if (note === null) {
      lost.value += 1n;
      return Tc.Next;
    }
    note.protocol = ip.nextHeader;
    note.firstNs = firstNs;
    news.submit(note);
    return Tc.Next;
  },
  { name: "track_flows" },
);
