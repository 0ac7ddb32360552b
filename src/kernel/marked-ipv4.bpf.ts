import type { TypeOf } from "../wire/layout.ts";
import { Ipv4OptionType, type MarkedIpv4 } from "../wire/protocols/ipv4-options.ts";

const MARK_BYTES = 12;
/** 4-byte words of the smallest header that has room for a mark. */
const LEAST_WORDS = 8;

/** Whether an IPv4 header, null where the packet is shorter, starts its options with a mark. */
export const isMark = (ip: TypeOf<typeof MarkedIpv4> | null): boolean =>
  ip !== null &&
  ip.version === 4 &&
  ip.headerLength >= LEAST_WORDS &&
  ip.kind === Ipv4OptionType.Pval &&
  ip.length === MARK_BYTES;
