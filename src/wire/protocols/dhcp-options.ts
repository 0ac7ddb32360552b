/** DHCP's options as data: those that say most have names of their own. */
import { be32, header, ipv4Address, u8, type TypeOf } from "../layout.ts";
import { layoutOption, optionFormat, type OptionKind, type OptionOf } from "../option-list.ts";

const Address = header("DhcpAddress", "RFC 2132, sections 3.3, 9.1, 9.7", { address: ipv4Address });
const Seconds = header("DhcpSeconds", "RFC 2132, section 9.2", { seconds: be32 });
const MessageType = header("DhcpMessageType", "RFC 2132, section 9.6", { type: u8 });

const addressOption = <Name extends string>(name: Name, type: number): OptionKind<Name, TypeOf<typeof Address>> =>
  layoutOption(name, type, Address, ({ address }) => address);

/** Lengths do not count code and length; pad is 0, and what follows the end, 255, is padding. */
export const dhcpOptionFormat = optionFormat({
  singles: { 0: "pad", 255: "end" },
  end: 255,
  lengthCountsHeader: false,
  unit: 1,
  kinds: [
    addressOption("subnetMask", 1),
    addressOption("requestedAddress", 50),
    layoutOption("leaseTime", 51, Seconds, ({ seconds }) => `${seconds} s`),
    layoutOption("messageType", 53, MessageType, ({ type }) => String(type)),
    addressOption("serverIdentifier", 54),
  ],
});

/** One option of a message. */
export type DhcpOption = OptionOf<typeof dhcpOptionFormat>;
