/** IS-IS, in full with `-v`. */
import { mac } from "../../../src/wire/index.ts";
import { capture, packet, raw } from "./build.ts";

const hex = (value: number, bytes = 1): string => value.toString(16).padStart(bytes * 2, "0");
const size = (bytes: string): number => bytes.replaceAll(" ", "").length / 2;
const chars = (words: string): string => Buffer.from(words, "latin1").toString("hex");

const from = { source: mac("02:00:00:00:00:01"), destination: mac("01:80:c2:00:00:15") };
const framed = (body: string): Uint8Array =>
  packet({ protocol: "ethernet", header: { ...from, etherType: 3 + size(body) } }, raw(`fefe03 ${body}`));
/** `fixed` holds `LLLL` where the packet's length stands. */
const isis = (type: number, fixed: string, fields: readonly string[] = [], front = "01 00"): Uint8Array => {
  const header = 8 + size(fixed);
  const length = hex(header + size(fields.join("")), 2);
  return framed(`83 ${hex(header)} ${front} ${hex(type)} 01 00 00 ${fixed.replace("LLLL", length)} ${fields.join("")}`);
};
const field = (type: number, value = ""): string => hex(type) + hex(size(value)) + value;

const node = "000000000002";
const lanHello = (...fields: readonly string[]): Uint8Array => isis(15, "03 000000000001 001b LLLL 40 00000000000101", fields); // prettier-ignore
const hello = (...fields: readonly string[]): Uint8Array => isis(17, "03 000000000001 001b LLLL 01", fields);
const state = (...fields: readonly string[]): Uint8Array => isis(20, "LLLL 04b0 0000000000010000 00000001 0000 03", fields); // prettier-ignore
const flagged = (flags: number, checksum = "0000"): Uint8Array => isis(18, `LLLL 04b0 0000000000010000 00000001 ${checksum} ${hex(flags)}`, [area]); // prettier-ignore
const area = field(1, "03490001");
const address = "20010db8000000000000000000000001";
const entry = "04b0 0000000000010000 00000001 1234";
const wide = (...inner: readonly string[]): string => field(22, `${node}00 00000a ${hex(size(inner.join("")))} ${inner.join("")}`); // prettier-ignore

export const isIs = [
  capture("IS-IS that says hello", [
    lanHello(area, field(1, "0349000103490002 01 47"), field(6, `${node}020000000003`), field(129, "cc8e8199"), field(132, "0a0000010a000002"), field(232, `fe80${address.slice(4)}`), field(8, "00".repeat(20))),
    lanHello(field(211, "00 001e"), field(211, `01 001e ${node}`), field(211, "07"), field(10, `01${chars("pass")}`), field(10, `36${"aa".repeat(16)}`), field(10, "ff01"), field(10, "03 0001 aaaa")),
    hello(field(240, "00"), field(240, "01"), field(240, `02 00000005 ${node} 00000007`), field(240, "07"), field(229, "00008002"), field(7, "01"), field(3, "01"), field(250, "0001")),
    ...[0, 1, 2].map((circuit) => isis(16, `${hex(circuit)} 000000000001 001b LLLL c0 00000000000101`)),
  ]), // prettier-ignore
  capture("IS-IS's states of links", [
    state(area, field(137, chars("athos")), field(134, "0a000001"), field(14, "05c0"), field(99, "0102"), field(42, "01"), field(133, "0161")),
    state(wide(), wide("0304 00000001", "0604 0a000001", "0804 0a000002", "0904 4cbebc20", "0a04 4cbebc20", "0404 00000001", "0408 00000001 00000002", "0504 00000001", "1203 00000a", `0b20 ${"4cbebc20".repeat(8)}`, "6302 0102"), wide("0302 0001", "1202 0001")),
    state(field(135, "0000000a 18 0a0001 0000000b 98 0a0002 0000000c 00"), field(135, "0000000a 58 0a0001 06 0104 00000007"), field(135, "0000000a 58 0a0001 0e 0208 0000000000000007 6302 0102")),
    state(field(236, "0000000a 00 40 20010db800010000"), field(236, "0000000a a0 20 20010db8 06 0104 00000007"), field(236, `0000000a c0 80 ${address}`)),
    state(field(2, `00 0a808080 ${node}00`), field(2, `01 ca818283 ${node}00`), field(2, `02 0a808080 ${node}00`), field(128, "0a808080 0a000000 ff000000 8a010203 0a000000 ffffffff"), field(130, "4a808080 0a000000 ff00ff00 0a808080 00000000 00000000")),
    state(field(222, `0000 ${node}00 00000a 00`), field(222, `0002 ${node}00 00000a 00`), field(229, "00000001800240030004"), field(235, "0002 0000000a 18 0a0001"), field(237, "0002 0000000a 00 40 20010db800010000")),
    state(field(242, "0a000001 00"), field(242, "0a000001 03 6302 0102"), field(242, "0a000001")),
    ...[0, 1, 3, 0x0b, 0x7f, 0xff].map((flags) => flagged(flags)), flagged(3, "abcd"), flagged(3, "9e0a"), flagged(3, "a0aa"),
  ]), // prettier-ignore
  capture("IS-IS that tcpdump reads otherwise", [hello(field(240, "01 00000005"))]),
  capture("IS-IS's lists of states", [
    isis(25, "LLLL 00000000000100 0000000000000000 ffffffffffffffff", [field(9, entry + entry.replace("04b0", "0400")), field(10, "01")]), isis(24, "LLLL 00000000000100 0000000000000000 ffffffffffffffff"),
    isis(27, "LLLL 00000000000100", [field(9, entry)]), isis(26, "LLLL 00000000000100", [field(9, `${entry}00`)]),
  ]), // prettier-ignore
  capture("IS-IS gone wrong", [
    ...["0105 03490001", "16", field(22, "000000"), field(135, "0000000a 21 0a000101"), field(135, "0000000a 18 0a"), field(1, "0549"), field(222), field(236, "0000000a 00 81 20"), field(6, "0102"), field(211), field(10)].map((bytes) => state(bytes)),
    ...[14, 28, 21].map((type) => isis(type, "LLLL 04b0 0000000000010000 00000001 0000 03", [area])), isis(15, "03 000000000001 001b LLLL 40"), isis(15, "03 000000000001 001b LLLL 40 00000000000101", [area], "02 00"), isis(15, "03 000000000001 001b LLLL 40 00000000000101", [area], "01 03"), isis(15, "03 000000000001 001b LLLL 40 00000000000101", [area], "01 06"),
    isis(15, "03 000000000001 001b 0010 40 00000000000101", [area]), isis(15, "03 000000000001 001b 0020 40 00000000000101", [area]), isis(15, "03 000000000001 001b 0040 40 00000000000101", [area]), framed("83"), framed("831b0100"), framed("831b01000f010000 03 0000"),
  ]), // prettier-ignore
  ...[52, 70, 90].map((snapLength) =>
    capture(
      `IS-IS cut after ${snapLength} bytes`,
      [
        lanHello(area, field(129, "cc8e"), field(132, "0a000001"), field(8, "00".repeat(40))),
        state(
          area,
          wide("0604 0a000001", "0804 0a000002"),
          field(135, "0000000a 18 0a0001"),
          field(137, chars("athos.example.com")),
        ),
      ],
      { snapLength },
    ),
  ),
];
