/** The Edge-to-Edge option as an encapsulating node inserts it: numbers packets, and says when each left. */
import { fetchAdd } from "../../../kernel/atomics.ts";
import type { TcContext } from "../../../kernel/context.ts";
import { hash } from "../../../kernel/hash.ts";
import { arrayMap } from "../../../kernel/maps.ts";
import { HOPMARK_E2E_TYPE, IoamE2eData } from "../../../wire/ioam/edge-to-edge.ts";
import { IoamOption, IoamType } from "../../../wire/ioam/header.ts";
import { edgeToEdgeShape } from "../../../wire/ioam/hop-by-hop.ts";
import { be32, header, u64 } from "../../../wire/layout.ts";
import { IpProtocol } from "../../../wire/numbers.ts";
import { HopByHop } from "../../../wire/protocols/ipv6-extension.ts";
import { Ipv6OptionType } from "../../../wire/protocols/ipv6-options.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";
import { MAX_PROFILES } from "./counters.ts";
import type { EncapNode, EncapProfile, Numbers } from "./rule.ts";
import { microsecondsOf, secondsOf } from "../fill/entry.bpf.ts";
import type { InsertedOption } from "./inserted.bpf.ts";
import { GROUPS, groupIndex, groupOf, SEQUENCE_BITS } from "../sequence-number.ts";

/** What each group's next packet gets; a rule of Direct Export counts in the first of its groups. */
export const e2eSequences = arrayMap(u64, { entries: MAX_PROFILES * GROUPS, name: "e2e_sequences" });

const IPV6_BYTES = 40;
const Ports = header("ports", "RFC 9293, section 3.1", { both: be32 });
const SEED = 0x243f_6a88_85a3_08d3n;
/** The best mixed four bits of a hash. */
const BUCKET_SHIFT = 60n;
const SEQUENCE_MASK = (1n << SEQUENCE_BITS) - 1n;

export const edgeToEdge = (own: EncapNode, profile: EncapProfile, { origin, first }: Numbers): InsertedOption => ({
  ...edgeToEdgeShape,
  write: (ctx, at, { nowNs }) => {
    const option = ctx.packet.at(IoamOption, at);
    const data = ctx.packet.at(IoamE2eData, at + IoamOption.size);
    if (option === null || data === null) return;
    option.type = Ipv6OptionType.Ioam;
    option.length = edgeToEdgeShape.bytes - 2;
    option.reserved = 0;
    option.ioamType = IoamType.EdgeToEdge;
    data.namespaceId = profile.namespace.id;
    data.e2eType = HOPMARK_E2E_TYPE;
    data.timestampSeconds = secondsOf(nowNs);
    data.timestampFraction = microsecondsOf(nowNs);
    const index = groupIndex(false, 0) + (ctx.gsoSize === 0 ? 0 : groupIndex(true, 0)) + flowBucket(ctx, own);
    const group = BigInt(groupOf(origin, 0)) + BigInt(index);
    data.sequence = (group << SEQUENCE_BITS) | nextOf(first + index);
  },
});

const nextOf = (index: number): bigint => {
  const next = e2eSequences.lookup(index);
  return next === null ? 0n : fetchAdd(next, "value", 1n) & SEQUENCE_MASK;
};

/** By addresses, protocol and ports; those inside, when the header was inserted into a tunnel's. */
const flowBucket = (ctx: TcContext, { device: { network } }: EncapNode): number => {
  const start = network + IPV6_BYTES;
  const hopByHop = ctx.packet.at(HopByHop, start);
  if (hopByHop === null) return 0;
  const end = start + 8 + hopByHop.headerExtLen * 8;
  const inner = hopByHop.nextHeader === IpProtocol.Ipv6 ? ctx.packet.at(Ipv6, end) : null;
  const ip = inner ?? ctx.packet.at(Ipv6, network);
  if (ip === null) return 0;
  const protocol = inner === null ? hopByHop.nextHeader : inner.nextHeader;
  const hasPorts = protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp;
  const ports = hasPorts ? ctx.packet.at(Ports, inner === null ? end : end + IPV6_BYTES) : null;
  return Number(hash(SEED, ip.source, ip.destination, protocol, ports?.both ?? 0) >> BUCKET_SHIFT);
};
