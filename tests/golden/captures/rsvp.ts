/** RSVP, in full with `-v`. */
import { capture, frame, left, raw, right } from "./build.ts";

const hex = (value: number, bytes = 1): string => value.toString(16).padStart(bytes * 2, "0");
const size = (bytes: string): number => bytes.replaceAll(" ", "").length / 2;

const object = (type: number, form: number, value = ""): string => hex(4 + size(value), 2) + hex(type) + hex(form) + value; // prettier-ignore
const message = (type: number, ...objects: readonly string[]): string =>
  `10 ${hex(type)} 0000 ff 00 ${hex(8 + size(objects.join("")), 2)} ${objects.join("")}`;
const rsvp = (bytes: string): Uint8Array =>
  frame({ protocol: "ipv4", header: { source: left, destination: right, ttl: 255, protocol: 46 } }, raw(bytes));

const session = object(1, 7, "0a000003 0000 0011 0a000002");
const traffic = "00 00 0007 01 00 0006 7f 00 0005 4cbebc20 4cbebc20 7f800000 00000000 7fffffff";
const address = "20010db8000000000000000000000001";
const path = message(
  1, session, object(3, 1, "0a000002 00000007"), object(5, 1, "00007530"), object(20, 1, "01 08 0a000001 20 00 81 08 0a000003 20 00"), object(19, 1, "0000 0800"),
  object(207, 7, "07 07 04 08 4c5350312d61622d"), object(11, 7, "0a000002 0000 0001"), object(12, 2, traffic),
  object(13, 2, "0000000a 01000008 04000001 00000002 06000001 49742400 08000001 00000000 0a000001 000005dc 05000000"),
); // prettier-ignore

export const reservations = [
  capture("RSVP", [
    path,
    message(2, session, object(3, 1, "0a000003 00000007"), object(5, 1, "00007530"), object(8, 1, "00000012"), object(9, 2, traffic), object(10, 7, "0a000002 0000 0001"), object(16, 1, "00000010"), object(21, 1, "01 08 0a000001 20 03 03 08 01 01 00000010 03 08 00 01 00000011")),
    message(3, session, ...[0, 1, 5, 10, 11].map((value) => object(6, 1, `0a000001 00 18 ${hex(value, 2)}`)), object(6, 1, "0a000001 01 01 0002"), object(6, 1, "0a000001 00 19 0001"), object(11, 7, "0a000002 0000 0001")),
    message(7, session, object(15, 1, "0a000003")), message(20, object(22, 1, "01000001 00000002"), object(131, 1, "00001388 00003a98")), message(20, object(22, 2, "01000001 00000002")),
    message(13, object(24, 1, "01 000001 00000002")), message(15, object(25, 1, "00 000001 00000002 00000005")), message(1, object(23, 1, "01 000001 00000002")), message(12, path), message(12, message(5, session), message(6, session)),
    message(1, object(1, 1, "0a000003 11 00 1388"), object(11, 1, "0a000002 0000 1389")), message(1, object(1, 2, `${address} 11 00 1388`), object(11, 2, `${address} 0000 1389`)),
    message(2, ...["0a", "11", "12"].map((style) => object(8, 1, `000000${style}`)), object(8, 1, "05000001"), object(16, 1, "00000010 00000011"), object(16, 2, "00000010")),
    message(1, object(207, 7, "07 07 ff 04 4c535031"), object(207, 7, "03 00 00 00"), object(19, 1, "0000 86dd"), object(19, 1, "0000 1234")), message(1, object(99, 1, "01020304"), object(200, 1, "0102030405060708"), object(7, 1)),
    message(1, object(20, 1, `02 14 ${address} 80 00`), object(20, 1, "20 04 fde8")), ...[0, 14, 16, 35].map((type) => message(type)), message(1, object(1, 1, "00000000")), message(1, "0003 0101 0a"), message(1, "0006 0107 0a00"),
    "20010000ff000008", "1001", "", message(2, object(9, 2, "00 00 000a 02 00 0009 7f 00 0005 4cbebc20 4cbebc20 7f800000 00000000 7fffffff 82 00 0002 4cbebc20 00000005")),
  ].map(rsvp)), // prettier-ignore
  ...[80, 120, 200].map((snapLength) => capture(`RSVP cut after ${snapLength} bytes`, [rsvp(path)], { snapLength })),
];
