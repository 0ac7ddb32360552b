/** Where Hopmark's transit means to differ from the kernel's, and why. */
import type { Difference } from "./compare.ts";

/** Where Hopmark's transit runs. */
export type HopmarkNode = "tc" | "xdp";

export interface KnownDifference {
  readonly nodes: readonly HopmarkNode[];
  /** The value of the trace. */
  readonly what: string;
  readonly reason: string;
  /** Whether a difference in that value is this one. */
  readonly covers: (difference: Difference) => boolean;
}

const isUnset = (value: string): boolean => /^0x(ff)+$/.test(value);
const ofKernelUnset = ({ kernel, other }: Difference): boolean => isUnset(kernel) && !isUnset(other);

/** The nodes were given the packets one after the other: both must be a time, and the later one not earlier. */
const isLater = ({ kernel, other }: Difference): boolean => Number(other) >= Number(kernel);
const isFraction = ({ kernel, other }: Difference): boolean => Number(kernel) < 1_000_000 && Number(other) < 1_000_000;

export const knownDifferences: readonly KnownDifference[] = [
  {
    nodes: ["tc", "xdp"],
    what: "timestampSeconds",
    reason: "each node tells when it had the packet, and Hopmark had it later in this run",
    covers: isLater,
  },
  {
    nodes: ["tc", "xdp"],
    what: "timestampFraction",
    reason: "each node tells when it had the packet, in microseconds within the second",
    covers: isFraction,
  },
  {
    nodes: ["tc"],
    what: "transitDelayNs",
    reason: "the kernel does not measure how long it holds a packet; Hopmark does, from tc ingress to tc egress",
    covers: (difference) => ofKernelUnset(difference) && Number(difference.other) < 0x8000_0000,
  },
  {
    nodes: ["xdp"],
    what: "queueDepth",
    reason: "XDP sends packets on before a queue is chosen, and writes all ones",
    covers: ({ kernel, other }) => !isUnset(kernel) && isUnset(other),
  },
  {
    nodes: ["xdp"],
    what: "egressId",
    reason: "XDP passes a packet whose IPv6 length is 0 on to the stack, filled before its way is known",
    covers: ({ kernel, other }) => !isUnset(kernel) && isUnset(other),
  },
  {
    nodes: ["xdp"],
    what: "frame length",
    reason: "XDP sends frames on as long as they came; the stack cuts off what the IPv6 length leaves out",
    covers: ({ kernel, other }) => Number(other) > Number(kernel),
  },
  {
    nodes: ["tc", "xdp"],
    what: "checksumComplement",
    reason:
      "the kernel does not make its entry neutral to a checksum over the option; Hopmark does (RFC 9197, section 4.4.2.8)",
    covers: (difference) => ofKernelUnset(difference) && Number(difference.other) < 0x1_0000,
  },
];

/** The difference that was meant; undefined when none was. */
export const knownDifference = (difference: Difference, node: HopmarkNode): KnownDifference | undefined =>
  knownDifferences.find(
    ({ nodes, what, covers }) => nodes.includes(node) && what === difference.what && covers(difference),
  );
