/** EIGRP in full with `-v`, and DCCP. */
import { capture, frame, left, raw, right } from "./build.ts";

const hex = (value: number, bytes = 1): string => value.toString(16).padStart(bytes * 2, "0");
const over =
  (protocol: number) =>
  (bytes: string): Uint8Array =>
    frame({ protocol: "ipv4", header: { source: left, destination: right, protocol } }, raw(bytes));

const eigrp = (opcode: number, fields = "", flags = 0, version = 2): string => `${hex(version)} ${hex(opcode)} 0000 ${hex(flags, 4)} 00000005 00000007 0000 0001 ${fields}`; // prettier-ignore
const parameters = "0001 000c 01 00 01 00 00 00 000f";
const internal = "0102 001c 00000000 00000100 00000200 0005dc 01 ff 01 0000 18 0a0001";
const external = (origin: number): string => `0103 0030 0a000008 0a000009 00000064 00000007 00000014 0000 ${hex(origin)} 01 00019000 00000200 0005dc 01 ff 01 0000 18 0a0001`; // prettier-ignore

const ports = "9c41 1451";
/** With a sequence number of 48 bits. */
const dccp = (type: number, rest = "", coverage = "00"): string =>
  `${ports} ${hex(4 + rest.replaceAll(" ", "").length / 8)} ${coverage} 0000 ${hex((type << 1) | 1)} 00 000000000002 ${rest}`;

export const cisco = [
  capture("EIGRP", [
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((opcode) => eigrp(opcode)), eigrp(5, `${parameters} 0004 0008 0c04 0102 0003 0010 0101 0002 0a000001 0a000002`), eigrp(5, "0005 000c 00000007 e000000a 0006 0008 00000001 0002 0008 00020010"),
    eigrp(1, internal + internal.replace("00000000", "0a000009"), 1), eigrp(3, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map(external).join(""), 0xf), eigrp(4, internal.replace("18 0a0001", "21 0a0001")), eigrp(4, internal.replace("001c", "0019").replace(" 18 0a0001", " 00")),
    eigrp(5, "", 0, 1), eigrp(255), eigrp(5, "0001 0003"), eigrp(5, "0001 0020 01"), eigrp(5, "0001"), eigrp(5, "0001 0008 01000100"), "0205", "",
  ].map(over(88))), // prettier-ignore
  ...[60, 70].map((snapLength) => capture(`EIGRP cut after ${snapLength} bytes`, [over(88)(eigrp(5, parameters + internal))], { snapLength })), // prettier-ignore
  capture("DCCP", [
    dccp(0, "00000005"), dccp(1, "0000 000000000001 00000005"), dccp(2), ...[3, 4, 5, 6, 8, 9].map((type) => dccp(type, "0000 000000000001")), ...[10, 15].map((type) => dccp(type, "0000 000000000001")),
    ...[0, 1, 2, 11, 12].map((code) => dccp(7, `0000 000000000001 ${hex(code)} 000000`)), `${ports} 04 00 0000 00 000002 00000005`, `${ports} 03 00 0000 04 000002 61626364`, dccp(3, "00000000"),
  ].map(over(33))), // prettier-ignore
  capture("DCCP that tcpdump prints otherwise", [
    dccp(0, "00000005", "a1"), dccp(2, "01010203"), `${ports} 04 00 0000 06 000002 00 000001`, ports, "", `${ports} 03 00 0000 05 000002`,
  ].map(over(33))), // prettier-ignore
];
