/** Where Hopmark's transit means to differ from the kernel's, and why. */
import type { Difference } from "./compare.ts";

export interface KnownDifference {
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
    what: "timestampSeconds",
    reason: "each node tells when it had the packet, and Hopmark had it later in this run",
    covers: isLater,
  },
  {
    what: "timestampFraction",
    reason: "each node tells when it had the packet, in microseconds within the second",
    covers: isFraction,
  },
  {
    what: "transitDelayNs",
    reason: "the kernel does not measure how long it holds a packet; Hopmark does, from tc ingress to tc egress",
    covers: (difference) => ofKernelUnset(difference) && Number(difference.other) < 0x8000_0000,
  },
  {
    what: "checksumComplement",
    reason:
      "the kernel does not make its entry neutral to a checksum over the option; Hopmark does (RFC 9197, section 4.4.2.8)",
    covers: (difference) => ofKernelUnset(difference) && Number(difference.other) < 0x1_0000,
  },
];

/** The difference that was meant; undefined when none was. */
export const knownDifference = (difference: Difference): KnownDifference | undefined =>
  knownDifferences.find(({ what, covers }) => what === difference.what && covers(difference));
