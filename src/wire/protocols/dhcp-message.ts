/** How a DHCP message is laid out. */
import { array, be16, be32, bits, header, ipv4Address, u8 } from "../layout.ts";

/** What every message starts with; of `hardwareAddress`, `hardwareLength` bytes count. Names, a cookie and options follow. */
export const Dhcp = header("Dhcp", "RFC 2131, section 2", {
  operation: u8,
  hardwareType: u8,
  hardwareLength: u8,
  hops: u8,
  transactionId: be32,
  seconds: be16,
  broadcast: bits(1),
  reserved: bits(15),
  clientAddress: ipv4Address,
  yourAddress: ipv4Address,
  serverAddress: ipv4Address,
  relayAddress: ipv4Address,
  hardwareAddress: array(u8, 16),
});

/** Where the parts are, from the message's start. */
export const DhcpPart = { sname: 44, file: 108, cookie: 236, options: 240 } as const;
export const DHCP_COOKIE = 0x6382_5363;
