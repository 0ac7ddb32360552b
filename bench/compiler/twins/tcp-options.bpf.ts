/** Reads the options of TCP segments over IPv4. */
import { Xdp, type XdpContext } from "../../../src/kernel/context.ts";
import { arrayMap, perCpuArrayMap } from "../../../src/kernel/maps.ts";
import { xdp } from "../../../src/kernel/program.ts";
import { be16, be32, header, struct, u16, u32, u64, u8 } from "../../../src/wire/layout.ts";
import { EtherType, IpProtocol } from "../../../src/wire/numbers.ts";
import { Ethernet } from "../../../src/wire/headers/ethernet.ts";
import { Ipv4 } from "../../../src/wire/headers/ipv4.ts";
import { Tcp } from "../../../src/wire/headers/tcp.ts";
import { count as countOutcome } from "./flow.bpf.ts";
import type { Twin } from "./twin.ts";

const Outcome = { Read: 0, NotTcp: 1, Malformed: 2 } as const;
const Kind = { End: 0, NoOperation: 1, Mss: 2, WindowScale: 3, SackPermitted: 4, Timestamps: 8 } as const;
const Found = { Mss: 1, WindowScale: 2, SackPermitted: 4, Timestamps: 8 } as const;
const MAX_OPTIONS = 16;

/** `count`: options of any kind, padding left out. */
const Options = struct("options", {
  timestamp: u32,
  echo: u32,
  mss: u16,
  windowScale: u8,
  found: u8,
  count: u32,
});
/** The options of the last segment. */
const last = arrayMap(Options, { entries: 1, name: "last" });
const counters = perCpuArrayMap(u64, { entries: 3, name: "counters" });

const OneByte = header("byte", "", { value: u8 });
/** What is there wherever the packet reaches. */
const Nothing = header("nothing", "", {});
const OptionHeader = header("option", "RFC 9293, section 3.2", { kind: u8, length: u8 });
const Mss = header("mss", "RFC 9293, section 3.7.1", { kind: u8, length: u8, size: be16 });
const WindowScale = header("window scale", "RFC 7323, section 2.2", { kind: u8, length: u8, shift: u8 });
const Timestamps = header("timestamps", "RFC 7323, section 3.2", { kind: u8, length: u8, value: be32, echo: be32 });

/** Reads the options between two offsets, and writes down what they say when they are whole. */
const readOptions = (ctx: XdpContext, start: number, end: number): number => {
  let [timestamp, echo, mss, windowScale, found, count] = [0, 0, 0, 0, 0, 0];
  let at = start;
  for (let options = 0; options < MAX_OPTIONS; options++) {
    if (at + 1 > end) break;
    const first = ctx.packet.at(OneByte, at);
    if (first === null || first.value === Kind.End) break;
    if (first.value === Kind.NoOperation) {
      at += 1;
      continue;
    }
    const option = ctx.packet.at(OptionHeader, at);
    if (at + 2 > end || option === null) return Outcome.Malformed;
    const { kind, length } = option;
    if (length < 2 || at + length > end) return Outcome.Malformed;
    count += 1;
    if (kind === Kind.Mss && length === Mss.size) {
      const option = ctx.packet.at(Mss, at);
      if (option === null) return Outcome.Malformed;
      mss = option.size;
      found |= Found.Mss;
    } else if (kind === Kind.WindowScale && length === WindowScale.size) {
      const option = ctx.packet.at(WindowScale, at);
      if (option === null) return Outcome.Malformed;
      windowScale = option.shift;
      found |= Found.WindowScale;
    } else if (kind === Kind.SackPermitted && length === 2) {
      found |= Found.SackPermitted;
    } else if (kind === Kind.Timestamps && length === Timestamps.size) {
      const option = ctx.packet.at(Timestamps, at);
      if (option === null) return Outcome.Malformed;
      timestamp = option.value;
      echo = option.echo;
      found |= Found.Timestamps;
    }
    at += length;
  }
  const result = last.lookup(0);
  if (result !== null) {
    result.timestamp = timestamp;
    result.echo = echo;
    result.mss = mss;
    result.windowScale = windowScale;
    result.found = found;
    result.count = count;
  }
  return Outcome.Read;
};

const readSegment = (ctx: XdpContext): number => {
  const ethernet = ctx.packet.at(Ethernet, 0);
  if (ethernet === null) return Outcome.Malformed;
  if (ethernet.etherType !== EtherType.Ipv4) return Outcome.NotTcp;
  const ip = ctx.packet.at(Ipv4, Ethernet.size);
  if (ip === null || ip.headerLength < 5) return Outcome.Malformed;
  if (ip.protocol !== IpProtocol.Tcp || ip.moreFragments !== 0 || ip.fragmentOffset !== 0) return Outcome.NotTcp;
  const at = Ethernet.size + ip.headerLength * 4;
  const tcp = ctx.packet.at(Tcp, at);
  if (tcp === null || tcp.dataOffset < 5) return Outcome.Malformed;
  const end = at + tcp.dataOffset * 4;
  if (ctx.packet.at(Nothing, end) === null) return Outcome.Malformed;
  return readOptions(ctx, at + Tcp.size, end);
};

const program = xdp(
  (ctx) => {
    const outcome = readSegment(ctx);
    countOutcome(counters, outcome);
    return outcome === Outcome.Malformed ? Xdp.Drop : Xdp.Pass;
  },
  { name: "tcp_options" },
);

export const tcpOptions: Twin = { program, repeat: program, maps: { last, counters } };
