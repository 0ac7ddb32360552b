/** What programs read of their context: fields, and methods that change nothing. */
import { U32_MAX } from "./interval.ts";
import { exact, type NumberText } from "./number-text.ts";
import type { Writing, WrittenType } from "./writing.ts";

type Reading = readonly [weight: number, text: string, high: bigint];

const skb: readonly Reading[] = [
  [4, "ctx.packet.length", U32_MAX],
  [2, "ctx.mark", U32_MAX],
  [2, "ctx.protocol", 0xffffn],
  [1, "ctx.ifindex", U32_MAX],
  [1, "ctx.priority", U32_MAX],
  [1, "ctx.packetType", U32_MAX],
  [1, "ctx.ingressIfindex", U32_MAX],
  [1, "ctx.queueMapping", U32_MAX],
  [1, "ctx.vlanPresent", U32_MAX],
  [1, "ctx.gsoSegments", U32_MAX],
  [1, "ctx.gsoSize", U32_MAX],
];

const numbers: Readonly<Record<WrittenType, readonly Reading[]>> = {
  xdp: [
    [8, "ctx.packet.length", U32_MAX],
    [1, "ctx.ifindex", U32_MAX],
    [1, "ctx.rxQueue", U32_MAX],
  ],
  tc: [
    ...skb,
    [2, "ctx.vlanTci", 0xffffn],
    [2, "ctx.vlanProtocol", 0xffffn],
    [1, "ctx.timestampClock", 0xffn],
    [1, "ctx.mtu()", U32_MAX],
    [1, "ctx.egressBacklog()", U32_MAX],
  ],
  cgroupSkb: skb,
};

export const contextNumber = (w: Writing): NumberText => {
  const { random, type } = w;
  const redirects = type === "xdp" ? ["redirect"] : type === "tc" ? ["redirect", "redirectNeigh"] : [];
  return random.weighted<() => NumberText>([
    ...numbers[type].map(([weight, text, high]) => [weight, (): NumberText => exact(text, 0n, high)] as const),
    ...redirects.map((call) => [1, (): NumberText => exact(`ctx.${call}(${random.between(1, 3)})`, -1n, 7n)] as const),
  ])();
};

/** 64 bits each. */
export const contextBigints = ({ hasContext, type }: Writing): readonly string[] => {
  if (!hasContext || type === "xdp") return [];
  return type === "tc" ? ["ctx.timestamp", "ctx.hardwareTimestamp", "objectAddress(ctx)"] : ["ctx.timestamp"];
};
