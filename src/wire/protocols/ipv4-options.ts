/** Options of IPv4, Hopmark's mark among them. */
import { be16, header, u64, u8 } from "../layout.ts";
import { layoutOption, optionFormat, type OptionOf } from "../option-list.ts";

/** https://www.iana.org/assignments/ip-parameters; the upper bit says that fragments copy the option. */
export const Ipv4OptionType = { EndOfList: 0, NoOperation: 1, RouterAlert: 148, Pval: 222 } as const;

/** The mark, after type and length: `seq` counts the packets of one device and CPU, and is little-endian. */
export const PvalOption = header("PvalOption", "RFC 4727, section 3.1 (experimental type)", {
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
    ({ value }) => (value === 0 ? "RA" : `RA ${value}`),
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
