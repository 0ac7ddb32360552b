/** IEEE 802.11, as far as the outer header; and radiotap, what a radio measured, before it. */
import { mac } from "../address.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import { bits, header, macAddress, u16, u8, type TypeOf } from "../layout.ts";
import { LinkType } from "../numbers.ts";
import { malformed, truncated, type Protocol } from "../packet/protocol.ts";

/** `length` counts the whole header, fields included. */
export const Radiotap = header("Radiotap", "https://www.radiotap.org", { version: u8, pad: u8, length: u16 });

/** The outer header of data and management frames; a fourth address and a QoS field may follow. */
export const Ieee80211 = header("Ieee80211", "IEEE 802.11, section 9.2", {
  subtype: bits(4),
  type: bits(2),
  version: bits(2),
  order: bits(1),
  protectedFrame: bits(1),
  moreData: bits(1),
  powerManagement: bits(1),
  retry: bits(1),
  moreFragments: bits(1),
  fromDs: bits(1),
  toDs: bits(1),
  duration: u16,
  receiver: macAddress,
  transmitter: macAddress,
  address3: macAddress,
  sequenceControl: u16,
});

export const radiotap: Protocol<"radiotap", { header: TypeOf<typeof Radiotap>; fields: Uint8Array }> = {
  name: "radiotap",
  abbreviation: "radiotap",
  linkTypes: [LinkType.Radiotap],

  measure(bytes, offset, end, step) {
    if (end - offset < Radiotap.size) return truncated;
    const { length } = readLayout(Radiotap, bytes, offset);
    if (length < 8) return malformed;
    if (offset + length > end) return truncated;
    step.follow("linkType", LinkType.Ieee80211);
    return length;
  },

  decode: (bytes, offset, length) => ({
    header: readLayout(Radiotap, bytes, offset),
    fields: bytes.subarray(offset + Radiotap.size, offset + length),
  }),

  encode({ header: given = {}, fields = new Uint8Array(4) }) {
    const bytes = new Uint8Array(Radiotap.size + fields.length);
    bytes.set(encodeLayout(Radiotap, { version: 0, pad: 0, length: bytes.length, ...given }));
    bytes.set(fields, Radiotap.size);
    return bytes;
  },
};

const DATA = 2;

export const ieee80211: Protocol<"802.11", { header: TypeOf<typeof Ieee80211> }> = {
  name: "802.11",
  abbreviation: "802.11",
  linkTypes: [LinkType.Ieee80211],

  measure: (_bytes, offset, end) => (end - offset < Ieee80211.size ? truncated : Ieee80211.size),

  decode: (bytes, offset) => ({ header: readLayout(Ieee80211, bytes, offset) }),

  encode: ({ header: given = {} }) =>
    encodeLayout(Ieee80211, {
      subtype: 0,
      type: DATA,
      version: 0,
      order: 0,
      protectedFrame: 0,
      moreData: 0,
      powerManagement: 0,
      retry: 0,
      moreFragments: 0,
      fromDs: 0,
      toDs: 0,
      duration: 0,
      receiver: nobody,
      transmitter: nobody,
      address3: nobody,
      sequenceControl: 0,
      ...given,
    }),

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset } = spans[index]!;
    const { type, subtype, receiver, transmitter } = readLayout(Ieee80211, bytes, offset);
    const name = ["management", "control", "data", "extension"][type];
    printer.text += `802.11 ${name}, subtype ${subtype}, ${transmitter} > ${receiver}, length ${printer.wireLength}`;
    return true;
  },
};

const nobody = mac("00:00:00:00:00:00");
