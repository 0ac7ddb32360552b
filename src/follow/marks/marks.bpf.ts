/** Tells user space of every marked packet, in a few words each. */
import { Tc, type TcContext } from "../../kernel/context.ts";
import { monotonicNs } from "../../kernel/helpers.ts";
import { perCpuArrayMap, ringBuffer } from "../../kernel/maps.ts";
import { isMark } from "../../kernel/marked-ipv4.bpf.ts";
import { tc, type Program } from "../../kernel/program.ts";
import { be16, be32, bits, header, u64, u8 } from "../../wire/layout.ts";
import { EtherType, IpProtocol } from "../../wire/numbers.ts";
import { MarkedIpv4 } from "../../wire/protocols/ipv4-options.ts";
import { MarkRecord } from "./mark-record.ts";

const TypeField = header("EtherType", "IEEE 802.3", { value: be16 });
const SourceMac = header("source MAC address", "IEEE 802.3", { high: be16, low: be32 });
const Addresses = header("identification to addresses", "RFC 791, section 3.1", {
  identification: be16,
  flagsAndOffset: be16,
  ttl: u8,
  protocol: u8,
  checksum: be16,
  source: be32,
  destination: be32,
});
const Ports = header("ports", "RFC 9293, section 3.1", { both: be32 });
const TcpStart = header("TCP, the first 14 bytes", "RFC 9293, section 3.1", {
  ports: be32,
  seq: be32,
  acknowledgment: be32,
  dataOffset: bits(4),
  reserved: bits(4),
  flags: u8,
});

/** 32 MiB: half a million packets. */
export const markRing = ringBuffer({ bytes: 1 << 25, name: "marks" });

export const MarksCounter = { seen: 0, ringFull: 1 } as const;
export const marksCounters = perCpuArrayMap(u64, { entries: 2, name: "marks_count" });

const MAC_AT = 6;
const TAG_BYTES = 4;
const IDENTIFICATION_AT = 4;
const OFFSET_BITS = 0x1fff;

/** `link`: bytes before the IP header on the device; `end`: one of `End`. */
export const tellMarks = (link: number, end: number): Program<"tc"> =>
  tc(
    (ctx) => {
      const network = networkOf(ctx, link);
      const ip = network < 0 ? null : ctx.load(network, MarkedIpv4);
      if (ip === null || !isMark(ip)) return Tc.Next;
      count(MarksCounter.seen);
      const more = ctx.load(network + IDENTIFICATION_AT, Addresses);
      const record = markRing.reserve(MarkRecord);
      if (record === null) {
        count(MarksCounter.ringFull);
        return Tc.Next;
      }
      const { seq, cpu, headerLength, totalLength, protocol } = ip;
      record.timeNs = monotonicNs();
      record.seq = seq;
      record.cpu = cpu;
      record.end = end;
      record.protocol = protocol;
      record.length = totalLength;
      record.source = more === null ? 0 : more.source;
      record.destination = more === null ? 0 : more.destination;
      const fragment = more === null ? 0 : more.flagsAndOffset;
      record.fragment = fragment;
      record.ipId = more === null ? 0 : more.identification;
      const mac = link === 0 ? null : ctx.load(MAC_AT, SourceMac);
      record.macHigh = mac === null ? 0 : mac.high;
      record.macLow = mac === null ? 0 : mac.low;
      const bytes = headerLength * 4;
      const payload = totalLength > bytes ? totalLength - bytes : 0;
      record.payloadBytes = payload;
      const isStart = (fragment & OFFSET_BITS) === 0;
      const hasPorts = isStart && (protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp);
      const ports = hasPorts ? ctx.load(network + bytes, Ports) : null;
      record.ports = ports === null ? 0 : ports.both;
      const tcp = isStart && protocol === IpProtocol.Tcp ? ctx.load(network + bytes, TcpStart) : null;
      record.tcpSeq = tcp === null ? 0 : tcp.seq;
      record.tcpLength = tcp === null ? 0 : tcpLength(payload, tcp.dataOffset * 4, tcp.flags);
      record.isSyn = tcp === null ? 0 : (tcp.flags >> 1) & 1;
      markRing.submit(record);
      return Tc.Next;
    },
    { name: "marks" },
  );

/** Sequence numbers that a segment takes: its data, SYN and FIN. */
const tcpLength = (payload: number, headerBytes: number, flags: number): number =>
  ((payload > headerBytes ? payload - headerBytes : 0) + (flags & 1) + ((flags >> 1) & 1)) & 0xffff;

/** -1: no IPv4. */
const networkOf = (ctx: TcContext, link: number): number => {
  if (link === 0) return ctx.protocol === EtherType.Ipv4 ? 0 : -1;
  const outer = ctx.load(link - 2, TypeField);
  if (outer === null) return -1;
  if (outer.value === EtherType.Ipv4) return link;
  if (outer.value !== EtherType.Vlan && outer.value !== EtherType.ProviderVlan) return -1;
  const inner = ctx.load(link + 2, TypeField);
  return inner !== null && inner.value === EtherType.Ipv4 ? link + TAG_BYTES : -1;
};

const count = (reason: number): void => {
  const counter = marksCounters.lookup(reason);
  if (counter !== null) counter.value += 1n;
};
