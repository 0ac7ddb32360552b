/** Organizations by the numbers that IEEE gave them (OUIs), where other protocols' fields say whose they are. */

/** `Cisco`, or `Unknown`. */
export const organizationName = (number: number): string => names[number] ?? "Unknown";

const names: Readonly<Record<number, string>> = {
  0x000000: "Ethernet",
  0x00000c: "Cisco",
  0x0000f8: "Cisco bridged",
  0x00120f: "IEEE 802.3 Private",
  0x0012bb: "ANSI/TIA",
  0x001b21: "DCBX",
  0x0080c2: "Ethernet bridged",
  0x080007: "Appletalk",
  0x009069: "Juniper",
};
