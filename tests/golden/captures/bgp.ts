/** BGP in full, with `-v`. */
import { capture, four, frame, raw, tcp } from "./build.ts";

const hex = (value: number, bytes = 1): string => value.toString(16).padStart(bytes * 2, "0");
const size = (bytes: string): number => bytes.replaceAll(" ", "").length / 2;

const marker = "ff".repeat(16);
const message = (type: number, body = ""): string => marker + hex(19 + size(body), 2) + hex(type) + body;
const attribute = (type: number, value: string, flags = 0x40): string =>
  hex(flags) + hex(type) + hex(size(value), (flags & 0x10) === 0 ? 1 : 2) + value;
const update = (attributes: readonly string[], routes = "", withdrawn = ""): string =>
  message(2, hex(size(withdrawn), 2) + withdrawn + hex(size(attributes.join("")), 2) + attributes.join("") + routes);
const parameter = (type: number, value: string): string => hex(type) + hex(size(value)) + value;
const open = (...parameters: readonly string[]): string =>
  message(1, `04 fde8 00b4 0a000001 ${hex(size(parameters.join("")))} ${parameters.join("")}`);
const capable = (...capabilities: readonly string[]): string => open(parameter(2, capabilities.join("")));
const reach = (family: number, kind: number, hop: string, routes: string): string =>
  update([attribute(14, `${hex(family, 2)} ${hex(kind)} ${hex(size(hop))} ${hop} 00 ${routes}`, 0x90)]);
const unreach = (family: number, kind: number, routes = ""): string =>
  update([attribute(15, hex(family, 2) + hex(kind) + routes, 0x90)]);

const segment = (bytes: string): Uint8Array =>
  frame(four, tcp("AP", 1, 1, { header: { destinationPort: 179 } }), raw(bytes));
const six = "20010db8000000000000000000000001";
const local = "fe800000000000000000000000000001";
const target = "0002 fde8 00000064";
const hop = "0a000001";
const route = "18 0a0001";
const keepAlive = message(4);

export const bgp = [
  capture("BGP", [segment(keepAlive), frame(four, tcp("A", 1, 1, { header: { sourcePort: 179 } }))]),
  capture("BGP that opens", [
    capable("0104 00010001", "0104 00020001", "0104 00190041", "0104 00ff00ff", "02 00", "80 00", "4006 0078 0001 01 80", "4002 8078", "4004 8078 0001", "4104 0000fde8", "4508 000101 03 000201 01", "4504 000101 02"),
    capable("0506 000100010002", "0300", "4600", "4707 000101 80 000e10", "4901 05", "0600", "4300", "4400", "0400", "0800", "4500", "4504 000101 04"),
    open(...["0104 00010001", "02 00"].map((capability) => parameter(2, capability)), parameter(1, "0001"), parameter(3, ""), parameter(99, "01")),
    ...["0102 0001 0001 0001", "4102 0001 0200", "4502 0001 0200", "4001 00 0200", "0104 0001"].map((capability) => capable(capability)), open(), message(1, "04fde8"), 
  ].map(segment)), // prettier-ignore
  capture("BGP's notifications and refreshes", [
    Array.from({ length: 9 }, (_, code) => [0, 1, 2, 3, 7].map((subcode) => message(3, hex(code) + hex(subcode))).join("")).join(""),
    message(3, "0601 0001 01 00000064") + message(3, "0601 0001") + message(3, "0602 05 68656c6c6f") + message(3, "0604 00") + message(3, "0602 00 0102") + message(3, "0602 80 61") + message(3, "0602 02 6162 63"),
    message(3), message(3, "06"), message(5, "00010001"), message(5, "00190046"), message(5, "0001"), message(5, "0001 00 01 01"), message(6, "0102"), message(0),
  ].map(segment)), // prettier-ignore
  capture("BGP's messages in a segment", [
    keepAlive + keepAlive, `aabb${keepAlive}00`, `${marker} 0012 04`, `${marker} 001d 0104fde8`, keepAlive + update([], route).slice(0, 44), keepAlive.slice(0, 36), keepAlive + "ff".repeat(18), "41".repeat(30), `${marker} ffff 09`,
  ].map(segment)), // prettier-ignore
  capture("BGP's updates", [
    update([]), update([], "", route), update([], `${route} 20 0a000101 09 0aff`), update([], "00"), update([], "21 0a000001"), update([], "18 0a00"), update([attribute(1, "00")], "", "18 0a00"),
    update([attribute(1, "00"), attribute(2, "0202 0001 0002 0101 0003"), attribute(3, hop), attribute(4, "00000064", 0x80), attribute(5, "00000064"), attribute(6, ""), attribute(7, `0001 ${hop}`, 0xc0), attribute(8, "ffffff01 ffffff02 ffffff03 00010002 ffff029a", 0xc0), attribute(9, hop, 0x80), attribute(10, "0a00000a 0a00000b", 0x80)], route),
    update([attribute(1, "01"), attribute(2, "0203 000001f4 000001f5 000001f6 0102 00000007 00000008"), attribute(7, `0000fde8 ${hop}`, 0xc0), attribute(17, "0201 0000fde8", 0xc0), attribute(18, `0000fde8 ${hop}`, 0xc0), attribute(17, "")]),
    update([attribute(1, "02"), attribute(2, ""), attribute(2, "0201 0005"), attribute(2, "0302 0005 0006"), attribute(2, "0401 0005"), attribute(32, "0000fde8 00000001 00000002 0000fde8 00000003 00000004", 0xc0), attribute(26, "01 000b 0000000000000064", 0x80)]),
    update([[1, "03"], [1, "0000"], [3, "0a0000"], [4, "0001"], [5, "00"], [6, "00"], [7, "0001"], [8, "000100"], [9, "0a00"], [10, "0a0000"], [16, target.slice(2)], [18, "0001"], [32, "0001"], [32, ""], [11, "01"], [12, "0102"], [13, "00000001"], [20, "0102"], [99, ""]].map(([type, value]) => attribute(Number(type), String(value)))),
    update([attribute(5, "00000001", 0x4f), attribute(5, "00000001", 0xf0), attribute(5, "00000001", 0)]),
    update([attribute(16, ["0002 fde8 00000064", "0003 0a00 00010001", "0102 0a000001 0002", "0103 0a000001 0001", "0202 0000fde8 0001", "0203 0000fde8 0001", "0005 00000000 0200", "0105 0a000001 0000", "0205 0a000001 0000", "0107 0a000001 0000", "0009 fde8 00000000", "000a fde8 00000001", "010b 0a000001 0001", "4004 0000 497423f0", "4004 fde8 4cbebc20", "0306 0a000001 0100", "8000 0a000001 0500", "8000 0a000001 0700", "0306 0a000001 0201", "0306 0a000001 5000", "0306 0a000001 8100", "8001 0a000001 0000", "8005 0a000001 0000", "4006 fde80000000a", "000b 010203040506"].join(""), 0xd0)]),
    ...["0010 18", "0000 0010", "00"].map((body) => message(2, body)), update([attribute(1, "00")]).replace("400101", "400105"),
  ].map(segment)), // prettier-ignore
  capture("BGP's updates for several protocols", [
    reach(1, 1, hop, `${route} 180a0002`), reach(1, 2, hop, "18 e00001"), reach(2, 1, six, "20 20010db8 40 20010db800010000 00"), reach(2, 1, six + local, "30 20010db80001 2d 20010db800ff"),
    reach(1, 4, hop, "30 000111 0a0001"), reach(2, 4, six, "38 000111 20010db8"), reach(1, 128, `0000000000000000 ${hop}`, "70 000011 0000fde800000001 0a0001 70 000111 0001 0a0000010001 0a0002 70 000111 0002 0000fde80001 0a0003 70 000111 0003 0000fde80001 0a0003"), reach(2, 128, `0000000000000000 ${six}`, "78 000111 0000fde800000001 20010db8"),
    unreach(1, 1), unreach(2, 1), unreach(2, 128), unreach(25, 70), unreach(2, 1, "20 20010db8"), unreach(1, 128, "70 800000 0001 0a000001 0001 0a0001"), unreach(2, 1, "81 20010db8"), unreach(1, 4, "10 0001"),
    reach(1, 133, "", "03 01180a"), reach(25, 70, hop, `0219 0001 ${hop} 0001`),
    update([attribute(14, `0001 01 04 ${hop} 01 02 0102 ${route}`, 0x90)]), update([attribute(14, "0001 01", 0x90)]), update([attribute(14, "00", 0x90)]), reach(1, 1, `${hop}01`, route), reach(1, 1, hop, "180a00"),
  ].map(segment)), // prettier-ignore
  capture("BGP that tcpdump reads otherwise", [
    update([attribute(16, "8000 0a000001 0501", 0xd0)]), update([attribute(16, "8000 0a000001 0701", 0xd0)]),
    update([attribute(16, "800a 0405 05dc 0007", 0xd0)]), update([attribute(22, `00 06 000011 ${hop}`, 0xd0)]), update([attribute(128, "0000fde8 400101 00")]),
    reach(25, 65, hop, "0011 0000fde800000001 0001 0001 0008 000101"), reach(1, 1, six, route), update([], `${route} 20 0a000101 00 09 0aff`),
    reach(1, 132, "", "60 0000fde8 0002fde800000064"),
  ].map(segment)), // prettier-ignore
  ...[80, 100, 130].map((snapLength) =>
    capture(
      `BGP cut after ${snapLength} bytes`,
      [
        segment(capable("0104 00010001", "0104 00020001", "02 00", "4006 0078 0001 01 80")),
        segment(keepAlive + update([attribute(1, "00"), attribute(2, "0202 0001 0002"), attribute(3, hop)], route)),
        segment(message(3, "0602 05 68656c6c6f") + keepAlive),
      ],
      { snapLength },
    ),
  ),
];
