/** Options of IPv6's Hop-by-Hop and Destination headers. */
import { be16, be32, header, u8 } from "../layout.ts";
import { encodeOptions, layoutOption, optionFormat, type OptionKind, type OptionOf } from "../option-list.ts";
import { ioamOption, ioamUnchangedOption } from "./ioam-option.ts";

/** What every option but Pad1 starts with; `length` does not count these two bytes. */
export const OptionHeader = header("OptionHeader", "RFC 8200, section 4.2", { type: u8, length: u8 });

/** https://www.iana.org/assignments/ipv6-parameters; the upper two bits say what a node does that does not know the option. */
export const Ipv6OptionType = {
  Pad1: 0,
  PadN: 1,
  RouterAlert: 5,
  Ioam: 0x31,
  /** IOAM as well, of data that no node on the way changes; which IOAM Option-Type goes where is said nowhere (RFC 9486, section 6). */
  IoamUnchanged: 0x11,
  JumboPayload: 0xc2,
} as const;

const padN: OptionKind<"padn", { readonly data: Uint8Array }> = {
  kind: "padn",
  type: Ipv6OptionType.PadN,
  decode: (bytes, offset, length) => ({ data: bytes.subarray(offset, offset + length) }),
  encode: ({ data }) => data,
  text: () => "padn",
};

const kinds = [
  padN,
  layoutOption(
    "routerAlert",
    Ipv6OptionType.RouterAlert,
    header("Router Alert", "RFC 2711, section 2.1", { value: be16 }),
    ({ value }) => `rtalert: 0x${value.toString(16).padStart(4, "0")}`,
  ),
  layoutOption(
    "jumboPayload",
    Ipv6OptionType.JumboPayload,
    header("Jumbo Payload", "RFC 2675, section 2", { payloadLength: be32 }),
    ({ payloadLength }) => `jumbo: ${payloadLength}`,
  ),
  ioamOption,
  ioamUnchangedOption,
] as const;

export const ipv6OptionFormat = optionFormat({
  singles: { [Ipv6OptionType.Pad1]: "pad1" },
  lengthCountsHeader: false,
  unit: 1,
  kinds,
});

/** An option of a Hop-by-Hop or Destination Options header, decoded. */
export type Ipv6Option = OptionOf<typeof ipv6OptionFormat>;

/** `gap` bytes that mean nothing: Pad1 for one, PadN for more. */
const ipv6Padding = (gap: number): Uint8Array => {
  const bytes = new Uint8Array(gap);
  if (gap > 1) bytes.set([Ipv6OptionType.PadN, gap - 2]);
  return bytes;
};

/** The options of an extension header that starts 2 bytes before them, aligned, and padded so that the header ends on 8 bytes. */
export const alignedIpv6Options = (options: readonly Ipv6Option[]): Uint8Array => {
  const list = encodeOptions(ipv6OptionFormat, options, ipv6Padding, 2);
  const tail = ipv6Padding((8 - ((2 + list.length) % 8)) % 8);
  const bytes = new Uint8Array(list.length + tail.length);
  bytes.set(list);
  bytes.set(tail, list.length);
  return bytes;
};
