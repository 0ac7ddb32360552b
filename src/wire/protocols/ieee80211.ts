/** IEEE 802.11, as far as the outer header; and radiotap, what a radio measured, before it. */
import { mac } from "../address.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import { bits, header, macAddress, u16, u8, type TypeOf } from "../layout.ts";
import { LinkType } from "../numbers.ts";
import { malformed, truncated, type Protocol } from "../packet/protocol.ts";

/** `length` counts the whole header, fields included. */
export const Radiotap = header("Radiotap", "https://www.radiotap.org", { version: u8, pad: u8, length: u16 });

const frameStart = {
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
};

/** Control frames without a transmitter: acknowledgements, and what answers a request to send. */
const ShortFrame = header("Ieee80211Short", "IEEE 802.11, section 9.3.1", frameStart);
/** Control frames with one. */
const ControlFrame = header("Ieee80211Control", "IEEE 802.11, section 9.3.1", {
  ...frameStart,
  transmitter: macAddress,
});

/** The outer header of data and management frames; a fourth address and a QoS field may follow. */
export const Ieee80211 = header("Ieee80211", "IEEE 802.11, section 9.2", {
  ...frameStart,
  transmitter: macAddress,
  address3: macAddress,
  sequenceControl: u16,
});

/** What control frames have not is absent. */
export type Ieee80211Header = TypeOf<typeof ShortFrame> & Partial<TypeOf<typeof Ieee80211>>;

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

const CONTROL = 1;
const DATA = 2;
/** Block acknowledgements and what asks for them, PS-Poll, RTS, both kinds of CF-End. */
const withTransmitter: ReadonlySet<number> = new Set([8, 9, 10, 11, 14, 15]);

const layoutOf = ({ type = DATA, subtype = 0 }: Partial<Ieee80211Header>) => {
  if (type !== CONTROL) return Ieee80211;
  return withTransmitter.has(subtype) ? ControlFrame : ShortFrame;
};

export const ieee80211: Protocol<"802.11", { header: Ieee80211Header }> = {
  name: "802.11",
  abbreviation: "802.11",
  linkTypes: [LinkType.Ieee80211],

  measure(bytes, offset, end) {
    if (end - offset < ShortFrame.size) return truncated;
    const { size } = layoutOf(readLayout(ShortFrame, bytes, offset));
    return end - offset < size ? truncated : size;
  },

  decode: (bytes, offset) => ({ header: readHeader(bytes, offset) }),

  encode: ({ header: given = {} }) =>
    encodeLayout<Partial<TypeOf<typeof Ieee80211>>>(layoutOf(given), {
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
    const { type, subtype, receiver, transmitter } = readHeader(bytes, offset);
    const name = ["management", "control", "data", "extension"][type];
    const way = transmitter === undefined ? `to ${receiver}` : `${transmitter} > ${receiver}`;
    printer.text += `802.11 ${name}, subtype ${subtype}, ${way}, length ${printer.wireLength}`;
    return true;
  },
};

const nobody = mac("00:00:00:00:00:00");

const readHeader = (bytes: Uint8Array, offset: number): Ieee80211Header =>
  readLayout(layoutOf(readLayout(ShortFrame, bytes, offset)), bytes, offset);
