/** Options of IPv4, Hopmark's mark among them. */
import { be16, bits, header, ipv4Address, u64, u8 } from "../layout.ts";
import { layoutOption, optionFormat, type OptionOf } from "../option-list.ts";

/** https://www.iana.org/assignments/ip-parameters; the upper bit says that fragments copy the option. */
export const Ipv4OptionType = { EndOfList: 0, NoOperation: 1, RouterAlert: 148, Pval: 222 } as const;

/** The mark, after type and length: `seq` counts the packets of one device and CPU, and is little-endian. */
export const PvalOption = header("PvalOption", "RFC 4727, section 3.1 (experimental type)", {
  reserved: u8,
  cpu: u8,
  seq: u64,
});

/** An IPv4 header whose first option is a mark: where `ihl` is 8 or more and `kind` and `length` say so. */
export const MarkedIpv4 = header("MarkedIpv4", "RFC 791, section 3.1; RFC 4727", {
  version: bits(4),
  headerLength: bits(4),
  tos: u8,
  totalLength: be16,
  identification: be16,
  reservedFlag: bits(1),
  dontFragment: bits(1),
  moreFragments: bits(1),
  fragmentOffset: bits(13),
  ttl: u8,
  protocol: u8,
  checksum: be16,
  source: ipv4Address,
  destination: ipv4Address,
  kind: u8,
  length: u8,
  reserved: u8,
  cpu: u8,
  seq: u64,
});

const kinds = [
  layoutOption("pval", Ipv4OptionType.Pval, PvalOption, ({ cpu, seq }) => `pval cpu ${cpu}, seq ${seq}`),
  layoutOption(
    "routerAlert",
    Ipv4OptionType.RouterAlert,
    header("Router Alert", "RFC 2113, section 2.1", { value: be16 }),
    ({ value }) => (value === 0 ? "RA" : `RA value ${value}`),
  ),
] as const;

export const ipv4OptionFormat = optionFormat({
  singles: { [Ipv4OptionType.EndOfList]: "EOL", [Ipv4OptionType.NoOperation]: "NOP" },
  end: Ipv4OptionType.EndOfList,
  lengthCountsHeader: true,
  unit: 1,
  kinds,
});

/** An option of an IPv4 header, decoded. */
export type Ipv4Option = OptionOf<typeof ipv4OptionFormat>;
