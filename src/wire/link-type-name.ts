/** Link types by name, for people. */
import { LinkType } from "./numbers.ts";

/** `Ethernet`; the number where nothing here knows it. */
export const linkTypeName = (linkType: number): string => names[linkType] ?? `link type ${linkType}`;

const names: Readonly<Record<number, string>> = {
  [LinkType.Null]: "BSD loopback",
  [LinkType.Ethernet]: "Ethernet",
  [LinkType.RawBsd]: "raw IP",
  [LinkType.RawOpenBsd]: "raw IP",
  [LinkType.Raw]: "raw IP",
  [LinkType.Ieee80211]: "802.11",
  [LinkType.Loop]: "OpenBSD loopback",
  [LinkType.LinuxCooked]: "Linux cooked v1",
  [LinkType.Radiotap]: "802.11 plus radiotap",
  [LinkType.Ipv4]: "IPv4",
  [LinkType.Ipv6]: "IPv6",
  [LinkType.LinuxCooked2]: "Linux cooked v2",
};
