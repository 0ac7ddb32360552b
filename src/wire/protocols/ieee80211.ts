/** IEEE 802.11, as far as the outer header; and radiotap, what a radio measured, before it. */
import { formatAddress, mac } from "../address.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import { bits, header, macAddress, u16, u8, type TypeOf } from "../layout.ts";
import { EtherType, LinkType } from "../numbers.ts";
import { isClaimed, malformed, truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import { controlText } from "./ieee80211-control-text.ts";

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

/** A header, and what data frames have behind it: a fourth address, QoS and HT control, as they are. */
export interface Ieee80211Content {
  header: Ieee80211Header;
  data?: Uint8Array;
}

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

/** Data frames without contents: bit 4 of their subtype. */
const NO_DATA = 0x4;
/** Data frames with quality of service: bit 8 of their subtype. */
const QOS = 0x8;

/** Bytes behind the fields that all data and management frames have (IEEE 802.11, section 9.3.2.1). */
const moreBytes = ({ type, subtype, toDs, fromDs, order }: Ieee80211Header): number => {
  if (type !== DATA) return 0;
  const isQos = (subtype & QOS) !== 0;
  return (toDs === 1 && fromDs === 1 ? 6 : 0) + (isQos ? 2 : 0) + (isQos && order === 1 ? 4 : 0);
};

/** Length of the header at a place; more than there is where it is cut. */
export const ieee80211Length = (bytes: Uint8Array, offset: number): number => {
  if (bytes.length - offset < ShortFrame.size) return ShortFrame.size;
  const start = readLayout(ShortFrame, bytes, offset);
  return layoutOf(start).size + moreBytes(start);
};

/** Whether LLC follows the header: what is encrypted is not looked into. */
export const carriesLlc = (bytes: Uint8Array, offset: number): boolean => {
  if (bytes.length - offset < ShortFrame.size) return false;
  const { type, subtype, protectedFrame } = readLayout(ShortFrame, bytes, offset);
  return type === DATA && (subtype & NO_DATA) === 0 && protectedFrame === 0;
};

export const ieee80211: Protocol<"802.11", Ieee80211Content> = {
  name: "802.11",
  abbreviation: "802.11",
  linkTypes: [LinkType.Ieee80211],

  measure(bytes, offset, end, step) {
    if (end - offset < ShortFrame.size) return truncated;
    const length = ieee80211Length(bytes, offset);
    if (end - offset < length) return truncated;
    if (carriesLlc(bytes, offset) && offset + length < end) step.follow("etherType", EtherType.Llc);
    return length;
  },

  decode(bytes, offset, length) {
    const content = { header: readHeader(bytes, offset) };
    const more = moreBytes(content.header);
    return more === 0 ? content : { ...content, data: bytes.subarray(offset + length - more, offset + length) };
  },

  encode({ header: given = {}, data = new Uint8Array(0) }) {
    const front = encodeLayout<Partial<TypeOf<typeof Ieee80211>>>(layoutOf(given), {
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
    });
    return Uint8Array.from([...front, ...data]);
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, length } = spans[index]!;
    const frame = readHeader(bytes, offset);
    const { type, subtype, receiver, transmitter } = frame;
    if (type === CONTROL) {
      printer.text += controlText(frame, bytes.subarray(offset + length), printer);
      return true;
    }
    if (isClaimed(printer.packet, index)) {
      if (printer.link === true) printAddresses(printer, frame, bytes, offset);
      return false;
    }
    const name = ["management", "control", "data", "extension"][type];
    const way = transmitter === undefined ? `to ${receiver}` : `${transmitter} > ${receiver}`;
    printer.text += `802.11 ${name}, subtype ${subtype}, ${way}, length ${printer.wireLength}`;
    return true;
  },
};

/** `DA:… SA:… BSSID:… `: which of the addresses is whose depends on the ways in and out of the distribution system. */
const printAddresses = (printer: Printer, frame: Ieee80211Header, bytes: Uint8Array, offset: number): void => {
  const { subtype, toDs, fromDs, receiver, transmitter = nobody, address3 = nobody } = frame;
  if (printer.level > 0) printer.text += `${flagsText(frame)}${frame.duration}us `;
  if ((subtype & QOS) !== 0) printer.text += "CF +QoS ";
  if (toDs === 1 && fromDs === 1) {
    const fourth = formatAddress("mac", bytes, offset + Ieee80211.size);
    printer.text += `RA:${receiver} TA:${transmitter} DA:${address3} SA:${fourth} `;
  } else if (toDs === 1) printer.text += `BSSID:${receiver} SA:${transmitter} DA:${address3} `;
  else if (fromDs === 1) printer.text += `DA:${receiver} BSSID:${transmitter} SA:${address3} `;
  else printer.text += `DA:${receiver} SA:${transmitter} BSSID:${address3} `;
};

/** `Retry `: in verbose lines. */
const flagsText = ({ moreData, moreFragments, powerManagement, retry }: Ieee80211Header): string =>
  `${moreData === 1 ? "More Data " : ""}${moreFragments === 1 ? "More Fragments " : ""}${powerManagement === 1 ? "Pwr Mgmt " : ""}${retry === 1 ? "Retry " : ""}`;

const nobody = mac("00:00:00:00:00:00");

const readHeader = (bytes: Uint8Array, offset: number): Ieee80211Header =>
  readLayout(layoutOf(readLayout(ShortFrame, bytes, offset)), bytes, offset);
