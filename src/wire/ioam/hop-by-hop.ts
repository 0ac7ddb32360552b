/** Where the options of a Hop-by-Hop header lie: what nodes insert, what routes must leave room for, and what plans count with. */
import { HopByHop } from "../protocols/ipv6-extension.ts";
import { DirectExportHeader } from "./direct-export.ts";
import { IoamE2eData } from "./edge-to-edge.ts";
import { IoamOption, IoamTraceHeader } from "./header.ts";

/** How much room an option takes, type and length included, and of what its offset in the header must be a multiple. */
export interface OptionShape {
  readonly bytes: number;
  readonly alignment: number;
}

/** Bytes from `at` on that are padding: a Pad1 when it is one byte, else a PadN. */
export interface Padding {
  readonly at: number;
  readonly bytes: number;
}

/** A Hop-by-Hop header's inside; offsets count from the header's first byte. */
export interface HopByHopLayout<O extends OptionShape = OptionShape> {
  readonly options: readonly { readonly option: O; readonly at: number }[];
  readonly paddings: readonly Padding[];
  /** Of the whole header: a multiple of 8. */
  readonly bytes: number;
}

/** The longest Hop-by-Hop header: its length field counts 8-byte units after the first in one byte. */
const MAX_BYTES = 2048;

/**
 * Lays options out in the order given, each at its alignment (RFC 8200, section 4.2). RangeError when the header would be
 * longer than 2048 bytes.
 */
export const layOutHopByHop = <O extends OptionShape>(options: readonly O[]): HopByHopLayout<O> => {
  const placed: { option: O; at: number }[] = [];
  const paddings: Padding[] = [];
  let end: number = HopByHop.size;
  const padTo = (multiple: number): void => {
    const bytes = (multiple - (end % multiple)) % multiple;
    if (bytes > 0) paddings.push({ at: end, bytes });
    end += bytes;
  };
  for (const option of options) {
    padTo(option.alignment);
    placed.push({ option, at: end });
    end += option.bytes;
  }
  padTo(8);
  if (end > MAX_BYTES) throw new RangeError(`a Hop-by-Hop header of ${end} bytes is longer than ${MAX_BYTES}`);
  return { options: placed, paddings, bytes: end };
};

/** A pre-allocated trace with room for `size` bytes of data: starts at a multiple of 4 (RFC 9486, section 3). */
export const traceShape = (size: number): OptionShape => ({
  bytes: IoamOption.size + IoamTraceHeader.size + size,
  alignment: 4,
});

/** An Edge-to-Edge option with a 64-bit sequence number and a timestamp; like every IOAM option, at a multiple of 4. */
export const edgeToEdgeShape: OptionShape = { bytes: IoamOption.size + IoamE2eData.size, alignment: 4 };

/** A Direct Export option with a flow id and a sequence number. */
export const directExportShape: OptionShape = { bytes: IoamOption.size + DirectExportHeader.size + 8, alignment: 4 };

/** Bytes of a Hop-by-Hop header with nothing but a trace of `size` data bytes: 16 more, rounded up to 8. */
export const hopByHopLength = (size: number): number => layOutHopByHop([traceShape(size)]).bytes;
