/** Addresses behind the number of their family, as LLDP and others carry them. */
import type { Message } from "./message.ts";

/** https://www.iana.org/assignments/address-family-numbers */
export const addressFamilies: Readonly<Record<number, string>> = {
  0: "Reserved",
  1: "IPv4",
  2: "IPv6",
  3: "NSAP",
  4: "HDLC",
  5: "BBN 1822",
  6: "802",
  7: "E.163",
  8: "E.164",
  9: "F.69",
  10: "X.121",
  11: "Novell IPX",
  12: "Appletalk",
  13: "Decnet IV",
  14: "Banyan Vines",
  15: "E.164 with NSAP subaddress",
  16: "DNS",
  17: "Distinguished name",
  18: "AS Number",
  19: "XTP over IPv4",
  20: "XTP over IPv6",
  21: "XTP XTP",
  22: "Fibre Channel World-Wide Port Name",
  23: "Fibre Channel World-Wide Node Name",
  24: "GWID",
  25: "L2VPN",
};

const forms: Readonly<Record<number, readonly ["ipv4" | "ipv6" | "mac", number]>> = {
  1: ["ipv4", 4],
  2: ["ipv6", 16],
  6: ["mac", 6],
};

/** `AFI IPv4 (1): 10.0.0.1`: a family's number in a byte, and an address. Cut where they do not fit. */
export const afiAddress = (message: Message, at: number, length: number): string => {
  if (length < 1) message.stop();
  const family = message.byte(at);
  const what = `AFI ${addressFamilies[family] ?? "Unknown"} (${family})`;
  const form = forms[family];
  if (form === undefined) return `${what}, no AF printer !`;
  if (length < 1 + form[1]) message.stop();
  return `${what}: ${message.address(form[0], at + 1)}`;
};
