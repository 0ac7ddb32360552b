/** What Linux gives in place of a link-layer header where interfaces differ: `tcpdump -i any`, in two versions. */
import { formatAddress } from "../address.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import { array, be16, be32, header, u8, type TypeOf } from "../layout.ts";
import { EtherType, LinkType } from "../numbers.ts";
import { isClaimed, truncated, type Printer, type Protocol, type Step } from "../packet/protocol.ts";
import { printEtherType } from "./ether-type-name.ts";
import { followEtherType, printUnknownType } from "./ethernet.ts";

/** `hardwareType` is Linux's ARPHRD number; of `address`, `addressLength` bytes count. */
export const LinuxCooked = header("LinuxCooked", "https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html", {
  packetType: be16,
  hardwareType: be16,
  addressLength: be16,
  address: array(u8, 8),
  etherType: be16,
});

/** The same with the interface's index. */
export const LinuxCooked2 = header("LinuxCooked2", "https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html", {
  etherType: be16,
  reserved: be16,
  interfaceIndex: be32,
  hardwareType: be16,
  packetType: u8,
  addressLength: u8,
  address: array(u8, 8),
});

const noAddress = [0, 0, 0, 0, 0, 0, 0, 0];

export const linuxCooked: Protocol<"linux-cooked", { header: TypeOf<typeof LinuxCooked> }> = {
  name: "linux-cooked",
  abbreviation: "sll",
  linkTypes: [LinkType.LinuxCooked],

  measure(bytes, offset, end, step) {
    if (end - offset < LinuxCooked.size) return truncated;
    const { etherType, hardwareType } = readLayout(LinuxCooked, bytes, offset);
    followHardware(step, etherType, hardwareType);
    return LinuxCooked.size;
  },

  decode: (bytes, offset) => ({ header: readLayout(LinuxCooked, bytes, offset) }),

  encode: ({ header: given = {} }, context) =>
    encodeLayout(LinuxCooked, {
      packetType: 0,
      hardwareType: 1,
      addressLength: 6,
      address: noAddress,
      ...given,
      etherType: given.etherType ?? context.next("etherType") ?? EtherType.Ipv4,
    }),

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset } = spans[index]!;
    const { packetType, addressLength, etherType } = readLayout(LinuxCooked, bytes, offset);
    const known = isClaimed(printer.packet, index);
    if (printer.link !== true && known) return false;
    printer.text += `${(packetTypes[packetType] ?? "?").padStart(3)} `;
    if (addressLength === 6) printer.text += `${formatAddress("mac", bytes, offset + 6)} `;
    return printLink(printer, index, etherType);
  },
};

export const linuxCooked2: Protocol<"linux-cooked-2", { header: TypeOf<typeof LinuxCooked2> }> = {
  name: "linux-cooked-2",
  abbreviation: "sll2",
  linkTypes: [LinkType.LinuxCooked2],

  measure(bytes, offset, end, step) {
    if (end - offset < LinuxCooked2.size) return truncated;
    const { etherType, hardwareType } = readLayout(LinuxCooked2, bytes, offset);
    followHardware(step, etherType, hardwareType);
    return LinuxCooked2.size;
  },

  decode: (bytes, offset) => ({ header: readLayout(LinuxCooked2, bytes, offset) }),

  encode: ({ header: given = {} }, context) =>
    encodeLayout(LinuxCooked2, {
      reserved: 0,
      interfaceIndex: 1,
      hardwareType: 1,
      packetType: 0,
      addressLength: 6,
      address: noAddress,
      ...given,
      etherType: given.etherType ?? context.next("etherType") ?? EtherType.Ipv4,
    }),

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset } = spans[index]!;
    const { packetType, interfaceIndex, addressLength, etherType } = readLayout(LinuxCooked2, bytes, offset);
    const name = printer.interfaceName?.(interfaceIndex);
    const number = `ifindex ${interfaceIndex}`;
    printer.text += `${(name ?? number).padEnd(5)} ${(packetTypes[packetType] ?? "?").padEnd(3)} `;
    const known = isClaimed(printer.packet, index);
    if (printer.link !== true && known) return false;
    if (name !== undefined) printer.text += `${number} `;
    if (addressLength === 6) printer.text += `${formatAddress("mac", bytes, offset + 12)} `;
    return printLink(printer, index, etherType);
  },
};

/** A monitor's packets start with radiotap, whatever their type says. */
const followHardware = (step: Step, etherType: number, hardwareType: number): void => {
  if (hardwareType === ARPHRD_IEEE80211_RADIOTAP) step.follow("linkType", LinkType.Radiotap);
  else followEtherType(step, etherType);
};

const ARPHRD_IEEE80211_RADIOTAP = 803;

/** `ethertype IPv4 (0x0800), length 44: ` */
const printLink = (printer: Printer, index: number, etherType: number): boolean => {
  if (printer.quick !== true) {
    printEtherType(printer, etherType);
    printer.text += `, length ${printer.wireLength}: `;
  }
  return !isClaimed(printer.packet, index) && printUnknownType(printer, index);
};

/** As the kernel numbers them: `PACKET_HOST` and so on. */
const packetTypes = ["In", "B", "M", "P", "Out"];
