/** DHCP, and BOOTP below it. */
import { ipv4 as address } from "../address.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import type { TypeOf } from "../layout.ts";
import { decodeOptions, encodeOptions } from "../option-list.ts";
import { truncated, type Protocol } from "../packet/protocol.ts";
import { Dhcp, DHCP_COOKIE, DhcpPart } from "./dhcp-message.ts";
import { dhcpOptionFormat, type DhcpOption } from "./dhcp-options.ts";
import { printCutDhcp, printDhcp } from "./dhcp-text.ts";

/** A message. Where it is cut before its options, what there is behind the header is `data`. */
export interface DhcpContent {
  header: TypeOf<typeof Dhcp>;
  sname?: Uint8Array;
  file?: Uint8Array;
  cookie?: number;
  options?: DhcpOption[];
  data?: Uint8Array;
}

export const dhcp: Protocol<"dhcp", DhcpContent> = {
  name: "dhcp",
  abbreviation: "bootp",
  udpPorts: [67, 68],

  measure: (_bytes, offset, end) => (end - offset < Dhcp.size ? truncated : end - offset),

  decode(bytes, offset, length) {
    const content = { header: readLayout(Dhcp, bytes, offset) };
    const part = (from: number, to: number): Uint8Array => bytes.subarray(offset + from, offset + to);
    if (length < DhcpPart.options) return { ...content, data: part(Dhcp.size, length) };
    return {
      ...content,
      sname: part(DhcpPart.sname, DhcpPart.file),
      file: part(DhcpPart.file, DhcpPart.cookie),
      cookie: new DataView(bytes.buffer, bytes.byteOffset + offset + DhcpPart.cookie, 4).getUint32(0),
      options: decodeOptions(dhcpOptionFormat, bytes, offset + DhcpPart.options, offset + length),
    };
  },

  encode({ header: given = {}, sname, file, cookie = DHCP_COOKIE, options = [], data }) {
    const front = encodeLayout(Dhcp, { ...nothing, ...given });
    if (data !== undefined) return Uint8Array.from([...front, ...data]);
    const list = encodeOptions(dhcpOptionFormat, options);
    const bytes = new Uint8Array(DhcpPart.options + list.length);
    bytes.set(front);
    bytes.set(sname?.subarray(0, 64) ?? [], DhcpPart.sname);
    bytes.set(file?.subarray(0, 128) ?? [], DhcpPart.file);
    new DataView(bytes.buffer).setUint32(DhcpPart.cookie, cookie);
    bytes.set(list, DhcpPart.options);
    return bytes;
  },

  print: printDhcp,
  printUnread: printCutDhcp,
};

const nobody = address("0.0.0.0");
const nothing: TypeOf<typeof Dhcp> = {
  operation: 1,
  hardwareType: 1,
  hardwareLength: 6,
  hops: 0,
  transactionId: 0,
  seconds: 0,
  broadcast: 0,
  reserved: 0,
  clientAddress: nobody,
  yourAddress: nobody,
  serverAddress: nobody,
  relayAddress: nobody,
  hardwareAddress: Array.from({ length: 16 }, () => 0),
};
