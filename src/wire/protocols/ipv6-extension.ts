/** Hop-by-Hop and Destination options: two extension headers of one form. */
import { encodeLayout, readLayout } from "../codec.ts";
import { header, u8, type TypeOf } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import { decodeOptions, encodeOptions, optionTexts } from "../option-list.ts";
import { fitLength, truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import { hopText } from "./ioam-hop-text.ts";
import { printUnknownContents } from "./ip-text.ts";
import { alignedIpv6Options, ipv6OptionFormat, type Ipv6Option } from "./ipv6-options.ts";

/** `headerExtLen` counts 8-byte units, the first left out. */
export const HopByHop = header("HopByHop", "RFC 8200, section 4.3", { nextHeader: u8, headerExtLen: u8 });

/** The same form as {@link HopByHop}. */
export const DestinationOptions = header("DestinationOptions", "RFC 8200, section 4.6", {
  nextHeader: u8,
  headerExtLen: u8,
});

export interface OptionsContent {
  header: TypeOf<typeof HopByHop>;
  options: Ipv6Option[];
}

const optionsHeader = <Name extends string>(
  name: Name,
  abbreviation: string,
  number: number,
  title: string,
): Protocol<Name, OptionsContent> => ({
  name,
  abbreviation,
  ipProtocols: [number],

  measure(bytes, offset, end, step) {
    if (end - offset < HopByHop.size) return truncated;
    const length = (bytes[offset + 1]! + 1) * 8;
    if (offset + length > end) return truncated;
    step.follow("ipProtocol", bytes[offset]!);
    return length;
  },

  decode: (bytes, offset, length) => ({
    header: readLayout(HopByHop, bytes, offset),
    options: decodeOptions(ipv6OptionFormat, bytes, offset + HopByHop.size, offset + length),
  }),

  encode({ header: given = {}, options = [] }, context) {
    // Who gives the length has laid out the options too.
    const list =
      given.headerExtLen === undefined ? alignedIpv6Options(options) : encodeOptions(ipv6OptionFormat, options);
    const bytes = new Uint8Array(HopByHop.size + list.length);
    bytes.set(
      encodeLayout(HopByHop, {
        nextHeader: given.nextHeader ?? context.next("ipProtocol") ?? IpProtocol.NoNextHeader,
        headerExtLen: given.headerExtLen ?? fitLength(name, bytes.length / 8 - 1, 0xff),
      }),
    );
    bytes.set(list, HopByHop.size);
    return bytes;
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, length } = spans[index]!;
    printer.text += `${title} `;
    if (printer.level > 0) {
      const unknown = (type: number, size: number): string =>
        `opt_type 0x${type.toString(16).padStart(2, "0")}: len=${size}`;
      for (const text of optionTexts(ipv6OptionFormat, bytes, offset + HopByHop.size, offset + length, unknown)) {
        printer.text += `(${text})`;
      }
      printer.text += " ";
    }
    if (printer.level > 1) printTraces(printer, offset + HopByHop.size, offset + length);
    printUnknownContents(printer, index, bytes[offset]!);
    return false;
  },
});

/** With `-vv` every node's entry of the traces, each on a line. */
const printTraces = (printer: Printer, start: number, end: number): void => {
  const lines = decodeOptions(ipv6OptionFormat, printer.packet.bytes, start, end).flatMap((option) =>
    option.kind === "ioam" && option.trace !== undefined ? option.trace.hops.map(hopText) : [],
  );
  for (const line of lines) printer.text += `\n\t${line}`;
  if (lines.length > 0) printer.text += "\n    ";
};

export const hopByHop = optionsHeader("hop-by-hop", "hbhopt", IpProtocol.HopByHop, "HBH");

export const destinationOptions = optionsHeader(
  "destination-options",
  "dstopt",
  IpProtocol.DestinationOptions,
  "DSTOPT",
);
