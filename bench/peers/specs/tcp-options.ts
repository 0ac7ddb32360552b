import { encodePacket } from "../../../src/wire/packet/encode.ts";
import type { Sample, Spec } from "../spec.ts";
import {
  changed,
  Drop,
  ethernet,
  FRAGMENT_AT,
  ip4,
  IP_AT,
  L4_AT,
  Pass,
  payload,
  tcp,
  tcp4,
  udp,
  udp6,
} from "./packets.ts";

const READ = 0;
const NOT_TCP = 1;
const MALFORMED = 2;

const MSS = [2, 4, 0x05, 0xb4];
const WINDOW_SCALE = [3, 3, 7];
const SACK_PERMITTED = [4, 2];
const TIMESTAMPS = [8, 10, 0x01, 0x02, 0x03, 0x04, 0xf5, 0xf6, 0xf7, 0xf8];
const SACK = [5, 10, 0, 0, 0, 1, 0, 0, 0, 9];
const NOP = 1;
const END = 0;

/** A segment with these bytes as options, filled up with the ends of lists. */
const segment = (...options: readonly number[]): Uint8Array => {
  const room = Math.ceil(options.length / 4) * 4;
  const bytes = [...options, ...new Uint8Array(room - options.length)];
  const packet = encodePacket([ethernet, ip4, tcp, { protocol: "payload", bytes: Uint8Array.from([...bytes, 0x99]) }]);
  return changed(packet, L4_AT + 12, ((20 + room) / 4) << 4);
};

interface Options {
  readonly timestamp?: number;
  readonly echo?: number;
  readonly mss?: number;
  readonly windowScale?: number;
  readonly found?: number;
  readonly count?: number;
}

/** `struct options`. */
const resultOf = ({ timestamp = 0, echo = 0, mss = 0, windowScale = 0, found = 0, count = 0 }: Options): Uint8Array => {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, timestamp, true);
  view.setUint32(4, echo, true);
  view.setUint16(8, mss, true);
  view.setUint8(10, windowScale);
  view.setUint8(11, found);
  view.setUint32(12, count, true);
  return new Uint8Array(view.buffer);
};

const read = (name: string, packet: Uint8Array, options: Options): Sample => ({
  name,
  packet,
  verdict: Pass,
  counts: { [READ]: [1] },
  values: [{ map: "last", key: 0, value: resultOf(options) }],
});
const refused = (name: string, packet: Uint8Array): Sample => ({
  name,
  packet,
  verdict: Drop,
  counts: { [MALFORMED]: [1] },
});

const times = { timestamp: 0x01020304, echo: 0xf5f6f7f8 };
const syn = segment(...MSS, ...SACK_PERMITTED, ...TIMESTAMPS, NOP, ...WINDOW_SCALE);

export const tcpOptions: Spec = {
  name: "tcp-options",
  program: "tcp_options",
  repeat: "tcp_options",
  samples: [
    read("those of a SYN", syn, { ...times, mss: 1460, windowScale: 7, found: 15, count: 4 }),
    read("those of data", segment(NOP, NOP, ...TIMESTAMPS), { ...times, found: 8, count: 1 }),
    read("SACK", segment(NOP, NOP, ...TIMESTAMPS, NOP, NOP, ...SACK), { ...times, found: 8, count: 2 }),
    read("none", tcp4, {}),
    read("unknown ones", segment(254, 6, 1, 2, 3, 4, ...MSS), { mss: 1460, found: 1, count: 2 }),
    read("a known one of another length", segment(2, 3, 5, NOP, ...SACK_PERMITTED), { found: 4, count: 2 }),
    read("nothing after the end", segment(...MSS, END, ...WINDOW_SCALE), { mss: 1460, found: 1, count: 1 }),
    read("16 are read", segment(...new Uint8Array(15).fill(NOP), ...MSS), { mss: 1460, found: 1, count: 1 }),
    read("a 17th is not", segment(...new Uint8Array(16).fill(NOP), ...MSS), {}),
    read("40 bytes", segment(...TIMESTAMPS, ...TIMESTAMPS, ...TIMESTAMPS, 254, 10, ...new Uint8Array(8)), {
      ...times,
      found: 8,
      count: 4,
    }),
    refused("length 0", segment(254, 0, 1, 2)),
    refused("length 1", segment(254, 1, NOP, NOP)),
    refused("past the header", segment(NOP, NOP, 254, 3)),
    refused("cut before its length", segment(NOP, NOP, NOP, 254)),
    refused("offset 4", changed(syn, L4_AT + 12, 0x40)),
    refused("cut in the options", syn.slice(0, L4_AT + 39)),
    refused("cut behind the end of the list", segment(...MSS, END).slice(0, L4_AT + 27)),
    refused("cut in TCP", syn.slice(0, L4_AT + 19)),
    refused("IHL 4", changed(syn, IP_AT, 0x44)),
    { name: "a fragment", packet: changed(syn, FRAGMENT_AT, 0x20), verdict: Pass, counts: { [NOT_TCP]: [1] } },
    { name: "UDP", packet: encodePacket([ethernet, ip4, udp, payload(4)]), verdict: Pass, counts: { [NOT_TCP]: [1] } },
    { name: "IPv6", packet: udp6, verdict: Pass, counts: { [NOT_TCP]: [1] } },
  ],
};
