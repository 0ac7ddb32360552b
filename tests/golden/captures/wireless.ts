/** 802.11, alone and behind radiotap: control frames, data frames with what they carry, management frames by their outer header. */
import { encodePacket, LinkType, mac, type LayerInput } from "../../../src/wire/index.ts";
import { capture, echo6, four, left, packet, payload, raw, right, six, tcp, udp } from "./build.ts";

type Frame = Extract<LayerInput, { protocol: "802.11" }>;
const [receiver, transmitter, address3] = [1, 2, 3].map((number) => mac(`02:00:00:00:00:0${number}`)) as [
  Mac,
  Mac,
  Mac,
];
type Mac = ReturnType<typeof mac>;
const MANAGEMENT = 0;
const CONTROL = 1;

const frame = (header: Frame["header"], data?: LayerInput): LayerInput => ({
  protocol: "802.11",
  header: { receiver, transmitter, address3, sequenceControl: 0x10, ...header },
  ...(data === undefined ? {} : { data: encodePacket([data]) }),
});
const carried: LayerInput[] = [{ protocol: "llc" }, { protocol: "snap" }];
const arp: LayerInput = {
  protocol: "arp",
  header: { operation: 1, senderMac: transmitter, sender: left, target: right },
};
const beacon = raw("0000000000000000 6400 3104 0003616263 010482848b96 030101");

const control = Array.from({ length: 16 }, (_, subtype) =>
  packet(frame({ type: CONTROL, subtype }), raw("0500 1000 0000")),
);
const data = [
  packet(frame({}), ...carried, four, udp(), payload(3)),
  packet(frame({ toDs: 1 }), ...carried, six, echo6(128, 1)),
  packet(frame({ fromDs: 1 }), ...carried, arp),
  packet(frame({ fromDs: 1, retry: 1 }), ...carried, four, tcp("S", 1, 0)),
  packet(frame({ fromDs: 1, moreData: 1, powerManagement: 1, moreFragments: 1 }), ...carried, four, udp()),
  packet(frame({ toDs: 1, fromDs: 1 }, raw("020000000004")), ...carried, four, udp()),
  packet(frame({ subtype: 8, fromDs: 1 }, raw("0000")), ...carried, four, udp()),
];
const more = [
  packet(frame({ subtype: 8, fromDs: 1, order: 1 }, raw("0000 00000000")), ...carried, four, udp()),
  packet(frame({ subtype: 4, toDs: 1 })),
  packet(frame({ subtype: 12, toDs: 1 }, raw("0000"))),
  packet(frame({ fromDs: 1, protectedFrame: 1 }), raw("0000000000000000 1122334455")),
  ...[0, 4, 5, 8, 11, 12].map((subtype) => packet(frame({ type: MANAGEMENT, subtype }), beacon)),
];
const behindRadiotap = (frames: readonly Uint8Array[]): Uint8Array[] =>
  frames.map((bytes) => packet({ protocol: "radiotap" }, { protocol: "payload", bytes }));

export const wireless = [
  { linkType: LinkType.Ieee80211, name: "802.11", all: (frames: readonly Uint8Array[]) => frames },
  { linkType: LinkType.Radiotap, name: "radiotap", all: behindRadiotap },
].flatMap(({ linkType, name, all }) => [
  capture(`${name}, control frames`, all(control), { linkType }),
  capture(`${name}, data frames`, all(data), { linkType }),
  capture(`${name}, the outer header`, all(more), { linkType }),
]);
